const unitsMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, "µs": 1e-3, "μs": 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Milliseconds of a duration as Go writes it (`1m30s`, `500ms`, `-2h`); undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const signed = /^[+-]/.test(text) ? 1 : 0;
  if (text.slice(signed) === "0") return 0;
  let sum = 0;
  part.lastIndex = signed;
  while (part.lastIndex < text.length) {
    const [, number, unit = ""] = part.exec(text) ?? [];
    if (number === undefined) return undefined;
    sum += Number(number) * (unitsMs[unit] ?? 0);
  }
  if (text.length === signed) return undefined;
  return text.startsWith("-") ? -sum : sum;
}
