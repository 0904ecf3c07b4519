/** Fails when a README, ARCHITECTURE.md or a decision names a source file that is not there (any more). */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function check(root: string): string[] {
  const find = (pattern: string): string[] => globSync(pattern, { cwd: root, exclude: ["node_modules", "dist"] });
  const sources = find("**/*.{ts,mjs,sh,py}").map((path) => `/${path}`);
  const isThere = (name: string): boolean => sources.some((path) => path.endsWith(`/${name.replace(/^#/, "src/")}`));
  return find("**/*.md").flatMap((page) => namedIn(readFileSync(join(root, page), "utf8")).filter((name) => !isThere(name)).map((name) => `${page}: there is no ${name}`));
}

/** What stands in backticks and ends as a source file does: `base/exec.ts`, `#api/csi.ts`. */
const namedIn = (text: string): string[] => [...new Set([...text.matchAll(/`(#?[\w./-]+\.(?:ts|mjs|sh|py))`/g)].map(([, name = ""]) => name))];

if (import.meta.main) {
  const problems = check(join(import.meta.dirname, ".."));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
