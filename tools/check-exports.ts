/** Fails when a file under src/ exports a function, constant or class that no other file imports: it is the file's own, or nobody's. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** @param root with `src/`, and the other folders whose imports count */
export function check(root: string): string[] {
  const files = globSync(["src/**/*.ts", "test/**/*.ts", "tools/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"], { cwd: root }).map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
  const used = new Set(files.flatMap(({ file, text }) => importsOf(file, text)));
  return files.filter(({ file }) => file.startsWith("src/") && !file.includes("/gen/")).flatMap(({ file, text }) =>
    exportsOf(text).filter((name) => !used.has(`${file} ${name}`) && !used.has(`${file} *`)).map((name) => `${file}: nobody imports ${name}`));
}

const exportsOf = (text: string): string[] => [
  ...text.matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm),
  ...[...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list = ""]) => [...list.matchAll(/(\w+)\s*(?:,|$)/g)]),
].map(([, name = ""]) => name);

/** `file name` of each name that a file takes from another; `file *` where it takes all. */
function importsOf(from: string, text: string): string[] {
  const named = [...text.matchAll(/^(?:import|export) ([^;"]*?) from "([^"]+)"/gm)].flatMap(([, clause = "", specifier = ""]) => {
    const file = resolve(from, specifier);
    const names = /\{([^]*)\}/.exec(clause)?.[1]?.split(",") ?? [];
    return clause.includes("*") ? [`${file} *`] : names.map((name) => `${file} ${/^(?:type )?(\w+)/.exec(name.trim())?.[1] ?? ""}`);
  });
  const whole = [...text.matchAll(/import\("([^"]+)"\)/g)].map(([, specifier = ""]) => `${resolve(from, specifier)} *`);
  return [...named, ...whole];
}

const resolve = (from: string, specifier: string): string => (specifier.startsWith("#") ? `src/${specifier.slice(1)}` : posix.join(dirname(from), specifier));

if (import.meta.main) {
  const problems = check(join(import.meta.dirname, ".."));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
