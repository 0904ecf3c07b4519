/** The node's own logs: the files beneath one directory, and nothing else, wherever a link in it leads. Upstream: pkg/kubelet/server/server.go InstallSystemLogHandler, net/http FileServer */
import type { Dirent } from "node:fs";
import { readdir, type FileHandle } from "node:fs/promises";
import { EscapeError, isCode, openBeneath, openFile, pathOf } from "#volumes/beneath.ts";
import { HttpError } from "./http-error.ts";

export type NodeLog =
  /** A directory stands behind a slash, so that the links in its page lead into it. */
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "page"; readonly html: string }
  /** Who is given it closes it. `bytes`: what it holds now; it may be growing. */
  | { readonly kind: "file"; readonly file: FileHandle; readonly bytes: number; readonly contentType: string; readonly modified: Date };

/** @param path relative, decoded; empty: the directory itself. Throws `HttpError`, of what leads out of the directory in no other way than of what is not there. */
export async function nodeLog(root: string, path: string): Promise<NodeLog> {
  try {
    const place = await openBeneath(root, path, { links: "inside" });
    try {
      const stats = await place.stat();
      if (!stats.isDirectory()) return await logFile(place);
      if (path !== "" && !path.endsWith("/")) return { kind: "redirect", location: `${encodeURIComponent(path.split("/").at(-1) ?? "")}/` };
      return { kind: "page", html: pageOf(await readdir(pathOf(place), { withFileTypes: true })) };
    } finally {
      await place.close();
    }
  } catch (err) {
    throw refusal(err);
  }
}

async function logFile(place: FileHandle): Promise<NodeLog> {
  const file = await openFile(place);
  try {
    const { size, mtime } = await file.stat();
    return { kind: "file", file, bytes: size, contentType: await contentTypeOf(file), modified: mtime };
  } catch (err) {
    await file.close();
    throw err;
  }
}

/** Never a page: a log may hold what anybody has written. Upstream: net/http DetectContentType */
async function contentTypeOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  const start = buffer.subarray(0, bytesRead);
  if (start[0] === 0x1f && start[1] === 0x8b && start[2] === 0x08) return "application/x-gzip";
  return start.some(isBinary) ? "application/octet-stream" : "text/plain; charset=utf-8";
}

const isBinary = (byte: number): boolean => byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f);

const pageOf = (entries: readonly Dirent[]): string => {
  const names = entries.map((entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}`).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const links = names.map((name) => `<a href="${name.split("/").map(encodeURIComponent).join("/")}">${escaped(name)}</a>\n`);
  return `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${links.join("")}</pre>\n`;
};

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

function refusal(err: unknown): unknown {
  if (err instanceof EscapeError || isCode(err, "ENOENT", "ENOTDIR")) return new HttpError(404, "404 page not found\n", { cause: err });
  return isCode(err, "EACCES", "EPERM") ? new HttpError(403, "403 Forbidden\n", { cause: err }) : err;
}
