import { readdirSync } from "node:fs";
import { join } from "node:path";
import { exec, tryExec } from "#base/exec.ts";

/** Downloads one package of this machine's distribution into `work` and unpacks it into `root`; it is not installed. A package that cannot be downloaded is skipped. */
export async function unpackPackage(name: string, work: string, root: string): Promise<void> {
  const downloaded = await tryExec("apt-get", ["download", "-q", name], { cwd: work }).catch(() => undefined);
  if (downloaded?.code !== 0) return;
  const file = readdirSync(work).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith(".deb"));
  if (file !== undefined) await exec("dpkg-deb", ["-x", join(work, file), root]);
}
