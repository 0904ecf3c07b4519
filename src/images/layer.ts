import { createHash } from "node:crypto";
import { pack } from "tar-stream";

/** One thing in a layer. Paths are relative, without a leading slash; parents are made as needed. Everything belongs to root. */
export type LayerEntry =
  | { readonly path: string; readonly content: Uint8Array; readonly mode?: number }
  | { readonly path: string; readonly linkTo: string }
  | { readonly path: string; readonly directory: true; readonly mode?: number };

/** An uncompressed layer: the same entries give the same bytes. A later entry of the same path replaces an earlier one. */
export function layer(entries: readonly LayerEntry[]): Promise<Buffer> {
  const all = new Map<string, LayerEntry>();
  for (const entry of entries) {
    for (const path of parents(entry.path)) if (!all.has(path)) all.set(path, { path, directory: true });
    all.set(entry.path, entry);
  }
  return tarOf([...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1)));
}

/** A tar archive of exactly these entries, in this order. */
export async function tarOf(entries: readonly LayerEntry[]): Promise<Buffer> {
  const tar = pack();
  const read = (async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
    return Buffer.concat(chunks);
  })();
  for (const entry of entries) add(tar, entry);
  tar.finalize();
  return read;
}

/** SHA-256 in hexadecimal digits. */
export const digestOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

function add(tar: ReturnType<typeof pack>, entry: LayerEntry): void {
  const common = { name: entry.path, uid: 0, gid: 0, mtime: new Date(0) };
  if ("content" in entry) tar.entry({ ...common, mode: entry.mode ?? 0o644, size: entry.content.length }, Buffer.from(entry.content));
  else if ("linkTo" in entry) tar.entry({ ...common, mode: 0o777, type: "symlink", linkname: entry.linkTo });
  else tar.entry({ ...common, name: `${entry.path}/`, mode: entry.mode ?? 0o755, type: "directory" });
}

function parents(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}
