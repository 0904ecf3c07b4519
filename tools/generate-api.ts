/**
 * Writes what is generated from `tools/facts`: types and schema tables of the API, types of CRI, CSI, DRA drivers, the kubelet's pod resources and etcd.
 * `--check` writes nothing and fails when a committed file differs.
 */
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildGrpcTypes } from "./generate/grpc-types.ts";
import { buildSchema, type Facts } from "./generate/schema.ts";
import { buildTypes } from "./generate/types.ts";

const root = join(import.meta.dirname, "..");
const fact = (name: string): unknown => JSON.parse(readFileSync(join(root, "tools/facts", name), "utf8"));

/** Every generated file: path from the project's root, and text. */
export function generated(): Map<string, string> {
  const files = new Map<string, string>();
  const schema = buildSchema(fact("kubernetes-1.36-api-facts.json") as Facts);
  for (const [name, text] of buildTypes(schema)) files.set(`src/api/gen/${name}`, text);
  files.set("src/api/gen/schema.json", schemaText(schema));
  const cri = fact("cri-v1.descriptor.json") as { nested: { runtime: { nested: { v1: unknown } } } };
  files.set("src/cri/gen/cri-v1.ts", buildGrpcTypes([cri.nested.runtime.nested.v1], "string"));
  files.set("src/cri/gen/cri-v1.descriptor.json", `${JSON.stringify(cri)}\n`);
  files.set("src/cri/gen/containerd-events.descriptor.json", `${JSON.stringify(fact("containerd-events.descriptor.json"))}\n`);
  files.set("src/cri/gen/containerd-snapshots.descriptor.json", `${JSON.stringify(fact("containerd-snapshots.descriptor.json"))}\n`);
  const csi = fact("csi-v1.descriptor.json") as { nested: { csi: { nested: { v1: unknown } } } };
  const registration = fact("plugin-registration-v1.descriptor.json") as { nested: { pluginregistration: unknown } };
  files.set("src/csi/gen/csi-v1.ts", buildGrpcTypes([csi.nested.csi.nested.v1], "string"));
  files.set("src/csi/gen/csi-v1.descriptor.json", `${JSON.stringify(csi)}\n`);
  files.set("src/csi/gen/plugin-registration-v1.ts", buildGrpcTypes([registration.nested.pluginregistration], "string"));
  files.set("src/csi/gen/plugin-registration-v1.descriptor.json", `${JSON.stringify(registration)}\n`);
  files.set("src/kubelet/devices/gen/device-plugin-v1beta1.descriptor.json", `${JSON.stringify(fact("device-plugin-v1beta1.descriptor.json"))}\n`);
  const dra = fact("dra-v1.descriptor.json");
  files.set("src/kubelet/dra/gen/dra-v1.ts", buildGrpcTypes([packageOf(dra, "k8s.io.kubelet.pkg.apis.dra.v1")], "string"));
  files.set("src/kubelet/dra/gen/dra-v1.descriptor.json", `${JSON.stringify(dra)}\n`);
  const draHealth = fact("dra-health-v1alpha1.descriptor.json");
  files.set("src/kubelet/dra/gen/dra-health-v1alpha1.ts", buildGrpcTypes([packageOf(draHealth, "v1alpha1")], "string"));
  files.set("src/kubelet/dra/gen/dra-health-v1alpha1.descriptor.json", `${JSON.stringify(draHealth)}\n`);
  const podResources = fact("pod-resources-v1.descriptor.json") as { nested: { v1: unknown } };
  files.set("src/kubelet/pod-resources/gen/pod-resources-v1.ts", buildGrpcTypes([podResources.nested.v1], "string"));
  files.set("src/kubelet/pod-resources/gen/pod-resources-v1.descriptor.json", `${JSON.stringify(podResources)}\n`);
  const etcd = fact("etcd-v3.descriptor.json") as { nested: { etcdserverpb: unknown; mvccpb: unknown; authpb: unknown } };
  files.set("src/storage/etcd/gen/etcd-v3.ts", buildGrpcTypes([etcd.nested.etcdserverpb, etcd.nested.mvccpb, etcd.nested.authpb], "number"));
  files.set("src/storage/etcd/gen/etcd-v3.descriptor.json", `${JSON.stringify(etcd)}\n`);
  return files;
}

/** The node of a package in a descriptor. */
const packageOf = (descriptor: unknown, name: string): unknown => name.split(".").reduce((at, part) => (at as { readonly nested: Readonly<Record<string, unknown>> }).nested[part], descriptor);

/** One line per type, so that a change of the facts gives a readable diff. */
function schemaText(schema: ReturnType<typeof buildSchema>): string {
  const lines = (table: Readonly<Record<string, unknown>>): string => Object.entries(table).map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",\n");
  return `{"types":{\n${lines(schema.types)}\n},"enums":{\n${lines(schema.enums)}\n}}\n`;
}

/** Paths whose committed text is not what the generator writes. */
export const stale = (): string[] =>
  [...generated()].filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text).map(([path]) => path);

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    const paths = stale();
    for (const path of paths) console.error(`${path} differs from what tools/generate-api.ts writes`);
    process.exitCode = paths.length === 0 ? 0 : 1;
  } else {
    for (const [path, text] of generated()) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }
}
