/** Which version of CDI has what. Upstream: tags.cncf.io/container-device-interface/pkg/cdi/version.go */
import type { CdiSpec, ContainerEdits } from "./spec.ts";

const versions = ["0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0"] as const;
type Version = (typeof versions)[number];

/** What a spec may have from a version on; the newest first. */
const since: readonly (readonly [Version, (spec: CdiSpec, edits: readonly ContainerEdits[]) => boolean])[] = [
  ["1.1.0", (_, edits) => edits.some(({ netDevices, intelRdt = {} }) => netDevices !== undefined || "schemata" in intelRdt || "enableMonitoring" in intelRdt)],
  ["0.7.0", (_, edits) => edits.some(({ intelRdt, additionalGids }) => intelRdt !== undefined || additionalGids !== undefined)],
  ["0.6.0", ({ kind, annotations, devices }) => [annotations, ...devices.map((device) => device.annotations)].some((some) => Object.keys(some ?? {}).length > 0) || (kind.split("/")[1] ?? "").includes(".")],
  ["0.5.0", ({ devices }, edits) => devices.some(({ name }) => !/^[A-Za-z]/.test(name)) || edits.some(({ deviceNodes = [] }) => deviceNodes.some(({ hostPath }) => Boolean(hostPath)))],
  ["0.4.0", (_, edits) => edits.some(({ mounts = [] }) => mounts.some(({ type }) => Boolean(type)))],
];

/** A version that there is not, or one that does not have what the spec has. */
export function versionProblem(spec: CdiSpec): string | undefined {
  const { cdiVersion, containerEdits, devices } = spec;
  const own = cdiVersion.replace(/^v/, "");
  if (!isVersion(own)) return `cdiVersion: "${cdiVersion}" is not supported, only ${versions.join(", ")}`;
  const edits = [containerEdits ?? {}, ...devices.map((device) => device.containerEdits)];
  const least = since.find(([, has]) => has(spec, edits))?.[0] ?? versions[0];
  return versions.indexOf(own) < versions.indexOf(least) ? `the spec version must be at least v${least}` : undefined;
}

const isVersion = (text: string): text is Version => (versions as readonly string[]).includes(text);
