/** Which devices the specs of this host have, decided purely. Upstream: tags.cncf.io/container-device-interface/pkg/cdi/cache.go */
import { nameProblem } from "./names.ts";
import type { ContainerEdits, CdiSpec } from "./spec.ts";

/** One file of a directory of specs. */
export type SpecFile = { readonly path: string; /** The later directory's is greater and wins. */ readonly priority: number } & ({ readonly spec: CdiSpec } | { readonly problem: string });

/** What is to be done for one device, or for all of its spec, and how that is called in messages. */
export interface NamedEdits { readonly of: string; readonly edits: ContainerEdits }

interface Found { readonly file: string; readonly spec: CdiSpec; readonly priority: number; readonly edits: ContainerEdits; /** Others of the same priority that have it, too. */ readonly rivals: readonly string[] }

/** The edits of these devices, in order: those of a device's spec come before it, once. Throws when one of them is not there. */
export function editsOf(names: readonly string[], files: readonly SpecFile[]): NamedEdits[] {
  const bad = names.map(nameProblem).find((problem) => problem !== undefined);
  if (bad !== undefined) throw new Error(bad);
  const known = devicesOf(files);
  const unknown = names.filter((name) => known.get(name) === undefined || known.get(name)?.rivals.length !== 0);
  if (unknown.length > 0) throw new Error([`unresolvable CDI devices ${unknown.join(", ")}`, ...reasons(unknown, known, files)].join("; "));
  const begun = new Set<string>();
  return [...new Set(names)].flatMap((name) => {
    const found = known.get(name);
    if (found === undefined) return [];
    const whole = begun.has(found.file) || found.spec.containerEdits === undefined ? [] : [{ of: `CDI kind ${found.spec.kind}`, edits: found.spec.containerEdits }];
    begun.add(found.file);
    return [...whole, { of: `CDI device ${name}`, edits: found.edits }];
  });
}

function devicesOf(files: readonly SpecFile[]): ReadonlyMap<string, Found> {
  const known = new Map<string, Found>();
  for (const file of files) {
    if (!("spec" in file)) continue;
    for (const { name, containerEdits } of file.spec.devices) {
      const full = `${file.spec.kind}=${name}`;
      const before = known.get(full);
      const rivals = before?.priority === file.priority ? [...before.rivals, before.file] : [];
      if (before === undefined || before.priority <= file.priority) known.set(full, { file: file.path, spec: file.spec, priority: file.priority, edits: containerEdits, rivals });
    }
  }
  return known;
}

/** Why devices may be missing: two specs that have them, or specs that cannot be read. */
function reasons(unknown: readonly string[], known: ReadonlyMap<string, Found>, files: readonly SpecFile[]): string[] {
  const doubles = unknown.flatMap((name) => {
    const found = known.get(name);
    return found === undefined ? [] : [`conflicting device "${name}" (specs "${found.rivals.at(-1)}", "${found.file}")`];
  });
  return [...doubles, ...files.flatMap((file) => ("problem" in file ? [`${file.path}: ${file.problem}`] : []))];
}
