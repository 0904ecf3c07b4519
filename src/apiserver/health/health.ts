import type { HttpResponse } from "#base/http.ts";
import { textResponse } from "../filters/responses.ts";

/** One thing that must be well. Returns what is wrong, or undefined. */
export interface HealthCheck {
  readonly name: string;
  /** Asked for readiness only: the process is alive without it. */
  readonly readinessOnly?: true;
  readonly check: () => Promise<string | undefined> | string | undefined;
}

const roots: ReadonlySet<string> = new Set(["healthz", "livez", "readyz"]);

const relevantTo = (root: string, checks: readonly HealthCheck[]): readonly HealthCheck[] => checks.filter((c) => root === "readyz" || c.readinessOnly !== true);

/** The paths of single checks. */
export const healthPaths = (checks: readonly HealthCheck[]): string[] => [...roots].flatMap((root) => relevantTo(root, checks).map(({ name }) => `/${root}/${name}`));

/** Answers `/healthz`, `/livez`, `/readyz` and one check below each, in upstream's words. Upstream: apiserver/pkg/server/healthz/healthz.go */
export function healthHandler(checks: readonly HealthCheck[]): (path: string, query: URLSearchParams) => Promise<HttpResponse | undefined> {
  return async (path, query) => {
    const [, root = "", ...below] = path.replace(/\/$/, "").split("/");
    if (!roots.has(root)) return undefined;
    const relevant = relevantTo(root, checks);
    if (below.length === 0) return await all(root, relevant, query);
    const one = relevant.find(({ name }) => name === below.join("/"));
    return one === undefined ? undefined : await only(one);
  };
}

/** What is wrong is told only to who may ask for that check alone. */
async function only({ check }: HealthCheck): Promise<HttpResponse> {
  const problem = await check();
  return problem === undefined ? textResponse(200, "ok") : textResponse(500, `internal server error: ${problem}\n`);
}

async function all(root: string, checks: readonly HealthCheck[], query: URLSearchParams): Promise<HttpResponse> {
  const excluded = new Set(query.getAll("exclude"));
  const lines = await Promise.all(checks.map(async ({ name, check }) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok\n`;
    return (await check()) === undefined ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`;
  }));
  const unknown = [...excluded].filter((name) => !checks.some((c) => c.name === name)).sort();
  if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(",")}\n`);
  const failed = lines.some((line) => line.startsWith("[-]"));
  if (!failed && !query.has("verbose")) return textResponse(200, "ok");
  return textResponse(failed ? 500 : 200, `${lines.join("")}${root} check ${failed ? "failed" : "passed"}\n`);
}
