/**
 * What `kubectl explain` says of types and fields, read out of the doc comments of an npm package that has them.
 * Writes `dist/explain.json`, which is not committed. Without the package nothing is written and explain shows no texts.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** By class name of the package; the empty field is the type itself. */
export type Texts = Record<string, Record<string, string>>;

/** Reads the declarations of one class. */
export function textsOf(source: string): readonly [name: string, fields: Record<string, string>] | undefined {
  const declared = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?export declare class (\w+)\s*\{([^]*)\n\}/.exec(source);
  if (declared === null) return undefined;
  const fields: Record<string, string> = {};
  const own = plain(declared[1] ?? "");
  if (own !== "") fields[""] = own;
  for (const [, comment = "", field = ""] of (declared[3] ?? "").matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*'(\w+)'\??:/g)) fields[field] = plain(comment);
  return [declared[2] ?? "", fields];
}

/** A comment without its stars and its escapes. */
const plain = (comment: string): string =>
  comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim()).filter((line) => line !== "").join(" ").replaceAll(/\\(['"`\\])/g, "$1");

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const models = join(root, "node_modules/@kubernetes/client-node/dist/gen/models");
  const target = join(root, "dist/explain.json");
  if (existsSync(models)) {
    const files = readdirSync(models).filter((name) => name.endsWith(".d.ts"));
    const texts = Object.fromEntries(files.map((name) => textsOf(readFileSync(join(models, name), "utf8"))).filter((entry) => entry !== undefined));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, JSON.stringify(texts));
  }
}
