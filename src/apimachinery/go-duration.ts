/** Durations as Go reads and prints them. Upstream: Go time.ParseDuration, Duration.String */

const units: Readonly<Record<string, bigint>> = { ns: 1n, us: 1_000n, µs: 1_000n, μs: 1_000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n };
const part = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;
const longest = (1n << 63n) - 1n;

/** The nanoseconds of `1h30m` or `-1.5s`; undefined for what is no duration, or a longer one than Go can hold. */
export function durationNanos(text: string): bigint | undefined {
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return 0n;
  if (body === "" || body.length > 128) return undefined;
  let total = 0n;
  for (let at = 0; at < body.length; at = part.lastIndex) {
    part.lastIndex = at;
    const [, whole = "", fraction = "", unit = ""] = part.exec(body) ?? [];
    const size = units[unit];
    if (size === undefined || whole + fraction === "") return undefined;
    total += BigInt(whole || "0") * size + (BigInt(fraction || "0") * size) / 10n ** BigInt(fraction.length);
    if (total > longest) return undefined;
  }
  return text.startsWith("-") ? -total : total;
}

/** The milliseconds of a duration; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const nanos = durationNanos(text);
  return nanos === undefined ? undefined : Number(nanos) / 1e6;
}

/** As Go prints it: `10s`, `1m20s`, `5m0s`, `393ms`. */
export function goDuration(ms: number): string {
  if (ms < 1_000) return ms === 0 ? "0s" : `${Math.round(ms * 1000) / 1000}ms`;
  const seconds = Math.round(ms) / 1_000;
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${Math.round((seconds % 60) * 1_000) / 1_000}s`;
  return hours > 0 ? `${hours}h${minutes}m${rest}` : seconds >= 60 ? `${minutes}m${rest}` : rest;
}
