/** CDI (Container Device Interface) for runtimes that know none of it: what is asked of its devices out of the specs on this host. `docs/decisions/0008`. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Stats } from "node:fs";
import { parseYaml } from "#apimachinery/yaml.ts";
import { messageOf } from "#base/error-message.ts";
import { editsOf, type SpecFile } from "./registry.ts";
import { readSpec } from "./spec.ts";
import { noGift, toCri, type CdiGift, type HostNode } from "./to-cri.ts";

/** Where specs are; those of the later win. Upstream: tags.cncf.io/container-device-interface/pkg/cdi DefaultSpecDirs */
export const cdiDirs: readonly string[] = ["/etc/cdi", "/var/run/cdi"];

const maxBytes = 16 * 1024 * 1024;

/** What these devices bring with them, from the specs as they are now: drivers write them for each claim. Throws with what is wrong. @param names fully qualified */
export async function giftOf(names: readonly string[], dirs: readonly string[]): Promise<CdiGift> {
  if (names.length === 0) return noGift;
  try {
    const all = editsOf(names, (await Promise.all(dirs.map(readDir))).flat());
    const paths = [...new Set(all.flatMap(({ edits }) => (edits.deviceNodes ?? []).map((node) => node.hostPath || node.path)))];
    const nodes = new Map(await Promise.all(paths.map(async (path) => [path, nodeOf(await stat(path).catch(() => undefined))] as const)));
    return toCri(all, (path) => nodes.get(path));
  } catch (err) {
    throw new Error(`CDI device injection failed: ${messageOf(err)}`, { cause: err });
  }
}

/** A directory that is not there has none. */
async function readDir(dir: string, priority: number): Promise<SpecFile[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith(".json") || name.endsWith(".yaml"));
  return Promise.all(names.toSorted().map(async (name): Promise<SpecFile> => {
    const path = join(dir, name);
    try {
      const stats = await stat(path);
      if (!stats.isFile()) throw new Error("not a regular file");
      if (stats.size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
      const { value, duplicates } = parseYaml(await readFile(path, "utf8"));
      if (duplicates[0] !== undefined) throw new Error(duplicates[0]);
      return { path, priority, spec: readSpec(value) };
    } catch (err) {
      return { path, priority, problem: messageOf(err) };
    }
  }));
}

function nodeOf(stats: Stats | undefined): HostNode | undefined {
  const type = stats?.isCharacterDevice() === true ? "c" : stats?.isBlockDevice() === true ? "b" : stats?.isFIFO() === true ? "p" : undefined;
  if (stats === undefined || type === undefined) return undefined;
  const { rdev, mode, uid, gid } = stats;
  const [high, low] = [Math.floor(rdev / 2 ** 32), rdev % 2 ** 32]; // as Linux packs them: 12 bits of the major and 8 of the minor are low
  return { type, major: (high & ~0xfff) | ((low >>> 8) & 0xfff), minor: (low & 0xff) | ((low >>> 12) & 0xfff00), fileMode: mode & 0o7777, uid, gid };
}
