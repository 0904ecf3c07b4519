/** How long tasks of a cgroup waited for something, as the kernel tells (Documentation/accounting/psi.rst). Upstream: kubelet/pkg/apis/stats/v1alpha1 PSIStats */

export interface Stalls {
  /** Microseconds. */
  readonly total: number;
  /** Shares of the last 10, 60 and 300 seconds, in percent. */
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

export interface Pressure {
  /** All of them at once waited. */
  readonly full: Stalls;
  /** At least one waited. */
  readonly some: Stalls;
}

export const resources = ["cpu", "memory", "io"] as const;
export type Resource = (typeof resources)[number];

/** Undefined where the kernel does not tell. */
export function parsePressure(text: string): Pressure | undefined {
  const lines = new Map(text.split("\n").map((line) => [line.split(" ", 1)[0], line]));
  const some = lines.get("some");
  return some === undefined ? undefined : { full: stallsOf(lines.get("full") ?? ""), some: stallsOf(some) };
}

function stallsOf(line: string): Stalls {
  const value = (name: string): number => Number(new RegExp(`\\b${name}=([0-9.]+)`).exec(line)?.[1] ?? 0);
  return { total: value("total"), avg10: value("avg10"), avg60: value("avg60"), avg300: value("avg300") };
}
