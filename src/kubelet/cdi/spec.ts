/** A CDI spec: what devices of one kind bring into a container. Upstream: tags.cncf.io/container-device-interface/specs-go/config.go */
import { deviceProblem, kindProblem } from "./names.ts";
import { shapeProblem, type Shape } from "./shape.ts";
import { versionProblem } from "./versions.ts";

export interface DeviceNode {
  readonly path: string;
  readonly hostPath?: string;
  readonly type?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly options?: readonly string[];
  readonly type?: string;
}

export interface ContainerEdits {
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly DeviceNode[];
  readonly mounts?: readonly CdiMount[];
  readonly additionalGids?: readonly number[];
  readonly hooks?: readonly { readonly hookName: string; readonly path: string }[];
  readonly netDevices?: readonly { readonly hostInterfaceName: string; readonly name: string }[];
  readonly intelRdt?: Readonly<Record<string, unknown>>;
}

export interface CdiDevice {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containerEdits: ContainerEdits;
}

export interface CdiSpec {
  readonly cdiVersion: string;
  readonly kind: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly devices: readonly CdiDevice[];
  /** Of every device of the spec. */
  readonly containerEdits?: ContainerEdits;
}

const strings: Shape = { list: "string" };
const intelRdt: Shape = { fields: { closID: "string", l3CacheSchema: "string", memBwSchema: "string", schemata: strings, enableCMT: "boolean", enableMBM: "boolean", enableMonitoring: "boolean" } };
const edits: Shape = {
  fields: {
    env: strings,
    deviceNodes: { list: { fields: { path: "string", hostPath: "string", type: "string", major: "integer", minor: "integer", fileMode: "integer", permissions: "string", uid: "integer", gid: "integer" }, required: ["path"] } },
    netDevices: { list: { fields: { hostInterfaceName: "string", name: "string" }, required: ["hostInterfaceName", "name"] } },
    mounts: { list: { fields: { hostPath: "string", containerPath: "string", options: strings, type: "string" }, required: ["hostPath", "containerPath"] } },
    hooks: { list: { fields: { hookName: "string", path: "string", args: strings, env: strings, timeout: "integer" }, required: ["hookName", "path"] } },
    intelRdt,
    additionalGids: { list: "integer" },
  },
};
const annotations: Shape = { mapOf: "string" };
const device: Shape = { fields: { name: "string", annotations, containerEdits: edits }, required: ["name", "containerEdits"] };
const spec: Shape = { fields: { cdiVersion: "string", kind: "string", annotations, devices: { list: device }, containerEdits: edits }, required: ["cdiVersion", "kind", "devices"] };

/** A spec out of its file's value. Throws with what is wrong with it, by the field. */
export function readSpec(value: unknown): CdiSpec {
  const shape = shapeProblem(spec, value, "");
  if (shape !== undefined) throw new Error(shape);
  const found = value as CdiSpec;
  const problem = kindProblem(found.kind) ?? versionProblem(found) ?? devicesProblem(found) ?? editsProblem(found.containerEdits, "containerEdits");
  if (problem !== undefined) throw new Error(problem);
  return found;
}

function devicesProblem({ devices }: CdiSpec): string | undefined {
  if (devices.length === 0) return "devices: must have one at least";
  const twice = devices.find(({ name }, i) => devices.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) return `devices: "${twice.name}" is there twice`;
  const problems = devices.map(({ name, containerEdits }, i) => {
    if (Object.keys(containerEdits).length === 0) return `devices[${i}].containerEdits: must not be empty`;
    return deviceProblem(name) ?? editsProblem(containerEdits, `devices[${i}].containerEdits`);
  });
  return problems.find((problem) => problem !== undefined);
}

const hookNames: ReadonlySet<string> = new Set(["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]);

function editsProblem({ env = [], deviceNodes = [], hooks = [] }: ContainerEdits = {}, path: string): string | undefined {
  const problems = [
    ...env.map((variable, i) => (variable.indexOf("=") > 0 ? undefined : `${path}.env[${i}]: "${variable}" is not name=value`)),
    ...deviceNodes.map(({ type = "", permissions = "" }, i) => {
      if (!["", "b", "c", "u", "p"].includes(type)) return `${path}.deviceNodes[${i}].type: "${type}" is not b, c, u or p`;
      return /^[rwm]*$/.test(permissions) ? undefined : `${path}.deviceNodes[${i}].permissions: "${permissions}" is not of r, w and m`;
    }),
    ...hooks.map(({ hookName }, i) => (hookNames.has(hookName) ? undefined : `${path}.hooks[${i}].hookName: there is no "${hookName}"`)),
  ];
  return problems.find((problem) => problem !== undefined);
}
