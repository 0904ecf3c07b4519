import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What `kubectl explain` says of a type (empty field) or of a field, read when it is first asked for. `tools/explain-texts.ts`
 * makes the file; where there is none, nothing is said.
 */
export function explainTexts(): (type: string, field: string) => string | undefined {
  let texts: Record<string, Record<string, string>> | undefined;
  return (type, field) => {
    texts ??= load();
    const [pkg = "", name = ""] = type.split(".");
    const [group = "", version = ""] = pkg.split("/").map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`);
    return (texts[`${version}${name}`] ?? texts[`${group}${version}${name}`])?.[field];
  };
}

function load(): Record<string, Record<string, string>> {
  try {
    return JSON.parse(readFileSync(join(import.meta.dirname, "../../dist/explain.json"), "utf8")) as Record<string, Record<string, string>>;
  } catch {
    return {};
  }
}
