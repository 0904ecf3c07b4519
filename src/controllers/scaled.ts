/** A number, or a share of `of`: `"25%"`. Upstream: apimachinery/pkg/util/intstr GetScaledValueFromIntOrPercent */
export function scaled(value: number | string | undefined, of: number, round: (n: number) => number): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(value ?? "0%")?.[1];
  return round((Number(percent ?? 0) * of) / 100);
}
