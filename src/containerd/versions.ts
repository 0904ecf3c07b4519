import { tryExec } from "#base/exec.ts";

export interface ProgramVersion { readonly program: string; readonly version: string; readonly warnings: readonly string[] }

interface Flaw { readonly program: "containerd" | "runc"; readonly id: string; readonly what: string; /** In each release line, the first version without it. */ readonly fixed: readonly string[]; /** The distribution's packages that have the fix under an older version. */ readonly patched?: RegExp }

/** Escapes from containers to the host, and what comes near. Security row 37. */
const flaws: readonly Flaw[] = [
  { program: "runc", id: "CVE-2019-5736", what: "a container can overwrite runc", fixed: ["1.0.0-rc7"] },
  { program: "runc", id: "CVE-2021-30465", what: "a volume's symlink can mount the host", fixed: ["1.0.0-rc95"] },
  { program: "runc", id: "CVE-2023-28642", what: "a symlinked /proc takes AppArmor's and SELinux's protection away", fixed: ["1.1.5"] },
  { program: "runc", id: "CVE-2024-21626", what: "a container can reach the host by a leaked directory handle", fixed: ["1.1.12"], patched: /1\.1\.5\+ds1-1\+deb12u/ },
  { program: "runc", id: "CVE-2025-31133", what: "a container can write to the host's /proc by masked paths", fixed: ["1.2.8", "1.3.3"] },
  { program: "containerd", id: "CVE-2020-15257", what: "a pod in the host's network can speak to the shims", fixed: ["1.3.9", "1.4.3"] },
  { program: "containerd", id: "CVE-2022-23648", what: "an image's volume can read the host's files", fixed: ["1.4.13", "1.5.10", "1.6.1"] },
  { program: "containerd", id: "CVE-2024-40635", what: "an image's large user id runs as root", fixed: ["1.6.38", "1.7.27", "2.0.4"], patched: /1\.6\.20~ds1-1\+deb12u/ },
];

/** Asks the program for its version and looks it up. `undefined` when it cannot be run. */
export async function programVersion(program: "containerd" | "runc", path: string): Promise<ProgramVersion | undefined> {
  const result = await tryExec(path, ["--version"]).catch(() => undefined);
  if (result === undefined || result.code !== 0) return undefined;
  const version = /\b(\d+\.\d+\.\d+(?:[-~]rc\.?\d+)?)/.exec(result.stdout)?.[1]?.replace("~", "-") ?? "unknown";
  return { program, version, warnings: warningsOf(program, version, result.stdout) };
}

/** @param full everything that the program says of its version, the distribution's revision included */
export function warningsOf(program: "containerd" | "runc", version: string, full: string): string[] {
  return flaws
    .filter((flaw) => flaw.program === program && flaw.patched?.test(full) !== true && isBefore(version, flaw.fixed))
    .map((flaw) => `${program} ${version} may have ${flaw.id} (${flaw.what}), fixed in ${flaw.fixed.join(" and ")}; your distribution may have patched it`);
}

/** Older than the first good version of its own line, or than every good one. */
function isBefore(version: string, fixed: readonly string[]): boolean {
  const line = (v: string): string => v.split(".").slice(0, 2).join(".");
  const own = fixed.find((good) => line(good) === line(version));
  if (own !== undefined) return compare(version, own) < 0;
  const newest = fixed.at(-1);
  return newest !== undefined && compare(version, newest) < 0;
}

/** A release candidate comes before its release. */
function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return left.map((n, i) => n - (right[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function numbersOf(version: string): number[] {
  const [release = "", candidate] = version.split("-rc");
  return [...release.split(".").map(Number), candidate === undefined ? Number.MAX_SAFE_INTEGER : Number(candidate.replace(".", ""))];
}

/** What is known to be wrong with the programs that run an instance's containers. */
export async function runtimeFlaws(pathOf: (program: "containerd" | "runc") => string): Promise<string[]> {
  const found = await Promise.all((["containerd", "runc"] as const).map((program) => programVersion(program, pathOf(program))));
  return found.flatMap((program) => program?.warnings ?? []);
}
