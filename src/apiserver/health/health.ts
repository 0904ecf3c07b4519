import type { HttpResponse } from "#base/http.ts";
import { textResponse } from "../filters/responses.ts";

/** One thing that must be well. Returns what is wrong, or undefined. */
export interface HealthCheck {
  readonly name: string;
  /** Asked for readiness only: the process is alive without it. */
  readonly readinessOnly?: true;
  check(): Promise<string | undefined> | string | undefined;
}

/** Answers `/healthz`, `/livez`, `/readyz` and one check below each, with upstream's texts. Upstream: apiserver/pkg/server/healthz */
export function healthHandler(checks: readonly HealthCheck[]): (path: string, query: URLSearchParams) => Promise<HttpResponse | undefined> {
  return async (path, query) => {
    const [, root = "", one] = path.replace(/\/$/, "").split("/");
    if (root !== "healthz" && root !== "livez" && root !== "readyz") return undefined;
    const relevant = checks.filter((c) => root === "readyz" || c.readinessOnly !== true);
    const excluded = new Set(query.getAll("exclude"));
    const asked = relevant.filter((c) => (one === undefined ? !excluded.has(c.name) : c.name === one));
    if (one !== undefined && asked.length === 0) return undefined;
    const results = await Promise.all(asked.map(async (c) => ({ name: c.name, problem: await c.check() })));
    const failed = results.some((r) => r.problem !== undefined);
    if (one !== undefined) return failed ? textResponse(500, `internal server error: ${results[0]?.problem ?? ""}\n`) : textResponse(200, "ok");
    if (!failed && !query.has("verbose")) return textResponse(200, "ok");
    const skipped = relevant.filter((c) => excluded.has(c.name)).map((c) => `[+]${c.name} excluded: ok\n`);
    const lines = results.map((r) => (r.problem === undefined ? `[+]${r.name} ok\n` : `[-]${r.name} failed: reason withheld\n`));
    return textResponse(failed ? 500 : 200, `${[...skipped, ...lines].join("")}${root} check ${failed ? "failed" : "passed"}\n`);
  };
}
