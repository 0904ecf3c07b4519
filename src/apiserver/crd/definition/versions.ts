const rank: Readonly<Record<string, number>> = { alpha: 0, beta: 1, "": 2 };

/** Orders versions as discovery lists them: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name. Upstream: apimachinery/pkg/version CompareKubeAwareVersionStrings */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parse(a), parse(b)];
  if (x === undefined || y === undefined) return x !== undefined ? -1 : y !== undefined ? 1 : a < b ? -1 : a === b ? 0 : 1;
  return y.stage - x.stage || y.major - x.major || y.minor - x.minor;
}

function parse(version: string): { readonly stage: number; readonly major: number; readonly minor: number } | undefined {
  const found = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (found === null) return undefined;
  const [, major, stage = "", minor = "0"] = found;
  return { stage: rank[stage] ?? 2, major: Number(major), minor: Number(minor) };
}
