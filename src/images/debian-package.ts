import { readdirSync } from "node:fs";
import { join } from "node:path";
import { exec, tryExec } from "#base/exec.ts";

/** Downloads packages of this machine's distribution into `work` and unpacks them into `root`; they are not installed. Names that it does not know, and what cannot be downloaded, are skipped. */
export async function unpackPackages(names: readonly string[], work: string, root: string): Promise<void> {
  if (names.length === 0) return;
  const shown = await tryExec("apt-cache", ["show", "--no-all-versions", ...names]).catch(() => undefined);
  const known = names.filter((name) => shown?.stdout.includes(`Package: ${name}\n`));
  if (known.length === 0) return;
  const downloaded = await tryExec("apt-get", ["download", "-q", ...known], { cwd: work }).catch(() => undefined);
  if (downloaded?.code !== 0) return;
  const files = readdirSync(work).filter((entry) => entry.endsWith(".deb") && known.some((name) => entry.startsWith(`${name}_`)));
  for (const file of files) await exec("dpkg-deb", ["-x", join(work, file), root]);
}
