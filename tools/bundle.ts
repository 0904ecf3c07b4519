/**
 * Writes `dist/cmd/`, the command line as a few files of JavaScript: it starts in half the time of the sources and holds a third less
 * memory (docs/decisions/0004). `seedpod` runs it as long as no source is newer.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");

/**
 * Bundles into `outdir`, two folders below the package's root as the sources are. Names stay as they are written: short ones lose what
 * a stack says, and `keepNames` names each function again whenever it is made, at 280 bytes and some processor time apiece.
 */
export async function bundle(outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true }); // chunks carry a hash in their names
  await build({
    entryPoints: { seedpod: join(root, "src/cmd/seedpod.ts"), worker: join(root, "src/storage/sqlite/worker.ts") },
    outdir, bundle: true, splitting: true, minifyWhitespace: true, minifySyntax: true, platform: "node", target: "node24", format: "esm",
    define: versionOf(root), plugins: [withoutFetch],
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` }, // some dependencies are CommonJS
  });
  for (const file of readdirSync(outdir)) asciiOnly(join(outdir, file));
}

/** V8 holds a text with a single letter beyond Latin-1 in two bytes a letter; esbuild leaves them only in regular expressions. */
function asciiOnly(path: string): void {
  const text = readFileSync(path, "utf8");
  const ascii = text.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (ascii !== text) writeFileSync(path, ascii);
}

/**
 * An `import` of node:http asks for each of its exports, and by one of them (`WebSocket`) for the whole of Node's `fetch`, which
 * nobody here uses: 13 MiB of memory and 60 ms of processor time per process. The module itself does not.
 */
const withoutFetch: Plugin = {
  name: "node:http without fetch",
  setup(building) {
    building.onResolve({ filter: /^(node:)?http$/ }, () => ({ path: "node:http", namespace: "as-is" }));
    building.onLoad({ filter: /.*/, namespace: "as-is" }, ({ path }) => ({ contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})` }));
  },
};

/** What `/version` says this was made of. Without git, or outside of a checkout: nothing. */
function versionOf(directory: string): Record<string, string> {
  const git = (...args: readonly string[]): string | undefined => {
    const { status, stdout } = spawnSync("git", ["-C", directory, ...args], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
  };
  const commit = git("rev-parse", "HEAD");
  const state = commit === undefined ? "archive" : git("status", "--porcelain") === "" ? "clean" : "dirty";
  return { "process.env.SEEDPOD_GIT_COMMIT": JSON.stringify(commit ?? ""), "process.env.SEEDPOD_GIT_TREE_STATE": JSON.stringify(state) };
}

if (import.meta.main) await bundle(join(root, "dist/cmd"));
