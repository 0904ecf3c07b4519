import { globSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { exec } from "#base/exec.ts";
import { unpackPackages } from "./debian-package.ts";
import type { LayerEntry } from "./layer.ts";

/** Packages in Debian and Ubuntu that bring a library, by the beginning of its name. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  "libpcre2-8.": ["libpcre2-8-0"], "libpcre.": ["libpcre3"], "libssl.": ["libssl3", "libssl3t64"], "libcrypto.": ["libssl3", "libssl3t64"], "libz.": ["zlib1g"], "libcrypt.": ["libcrypt1"],
  "libaio.": ["libaio1", "libaio1t64"], "liburing.": ["liburing2"], "libnuma.": ["libnuma1"], "libedit.": ["libedit2"], "libbsd.": ["libbsd0"], "libmd.": ["libmd0"], "libncurses.": ["libncurses6"], "libtinfo.": ["libtinfo6"],
};

/**
 * The loader and the libraries of programs in `root`, under the paths where the loader looks; what this machine lacks is
 * downloaded. Throws when one is still missing. @param work an empty directory
 */
export async function librariesOf(programs: readonly string[], work: string, root: string): Promise<LayerEntry[]> {
  const path = (): string => globSync("{lib,usr/lib}/{,*-linux-gnu}", { cwd: root }).map((dir) => join(root, dir)).join(":");
  const ldd = async (): Promise<string> => (await Promise.all(programs.map((program) => exec("ldd", [join(root, program)], { env: { ...process.env, LD_LIBRARY_PATH: path() } })))).join("\n");
  const lacking = [...(await ldd()).matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? "");
  await unpackPackages([...new Set(Object.entries(packagesOf).flatMap(([prefix, names]) => (lacking.some((library) => library.startsWith(prefix)) ? names : [])))], work, root);
  const listing = await ldd();
  const missing = /^\s*(\S+) => not found/m.exec(listing)?.[1];
  if (missing !== undefined) throw new Error(`${basename(programs[0] ?? "")} needs ${missing}, which this machine does not have`);
  return [...listing.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? "").map((file): LayerEntry => ({
    path: relative("/", file.startsWith(root) ? file.slice(root.length) : file),
    content: readFileSync(realpathSync(file)),
    mode: 0o755,
  }));
}

/** Files and links of an unpacked package whose path is wanted. */
export function filesOf(root: string, wanted: (path: string) => boolean): LayerEntry[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" }).filter(wanted).flatMap((path): LayerEntry[] => {
    const stats = lstatSync(join(root, path));
    if (stats.isSymbolicLink()) return [{ path, linkTo: readlinkSync(join(root, path)) }];
    return stats.isFile() ? [{ path, content: readFileSync(join(root, path)), mode: stats.mode & 0o777 }] : [];
  });
}
