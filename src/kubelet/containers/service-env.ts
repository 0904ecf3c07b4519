/** Environment variables that name the services of a namespace. Upstream: pkg/kubelet/envvars/envvars.go */
import type { Pod, Service } from "#api/gen/core-v1.ts";
import { namespaceOf } from "../names.ts";

/** @param services of all namespaces, as far as known */
export function serviceEnv(pod: Pod, services: readonly Service[]): Map<string, string> {
  const seen = services.filter(
    ({ metadata, spec }) =>
      hasAddress(spec.clusterIP) &&
      ((metadata.namespace === "default" && metadata.name === "kubernetes") ||
        (pod.spec.enableServiceLinks !== false && metadata.namespace === namespaceOf(pod))),
  );
  // the namespace's own service of that name wins over the master's
  return new Map(
    seen.sort((a, b) => Number(a.metadata.namespace === namespaceOf(pod)) - Number(b.metadata.namespace === namespaceOf(pod))).flatMap(variables),
  );
}

const hasAddress = (ip: string | undefined): ip is string => ip !== undefined && ip !== "" && ip !== "None";

function variables({ metadata, spec }: Service): (readonly [string, string])[] {
  const ports = spec.ports ?? [];
  const ip = spec.clusterIP ?? "";
  const host = ip.includes(":") ? `[${ip}]` : ip;
  const name = variableName(metadata.name);
  const first = ports[0];
  if (first === undefined) return [];
  return [
    [`${name}_SERVICE_HOST`, ip],
    [`${name}_SERVICE_PORT`, String(first.port)],
    ...ports
      .filter((p) => p.name !== undefined && p.name !== "")
      .map((p) => [`${name}_SERVICE_PORT_${variableName(p.name ?? "")}`, String(p.port)] as const),
    [`${name}_PORT`, `${(first.protocol ?? "TCP").toLowerCase()}://${host}:${first.port}`],
    ...ports.flatMap(({ port, protocol = "TCP" }) => {
      const prefix = `${name}_PORT_${port}_${protocol}`;
      return [
        [prefix, `${protocol.toLowerCase()}://${host}:${port}`],
        [`${prefix}_PROTO`, protocol.toLowerCase()],
        [`${prefix}_PORT`, String(port)],
        [`${prefix}_ADDR`, ip],
      ] as const;
    }),
  ];
}

const variableName = (name: string): string => name.toUpperCase().replaceAll("-", "_");
