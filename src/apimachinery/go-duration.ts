/** A duration as Go prints it: `10s`, `1m20s`, `5m0s`, `393ms`. */
export function goDuration(ms: number): string {
  if (ms < 1_000) return ms === 0 ? "0s" : `${Math.round(ms * 1000) / 1000}ms`;
  const seconds = Math.round(ms) / 1_000;
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${Math.round((seconds % 60) * 1_000) / 1_000}s`;
  return hours > 0 ? `${hours}h${minutes}m${rest}` : seconds >= 60 ? `${minutes}m${rest}` : rest;
}
