/** Names of CDI devices: `vendor.com/class=device`. Upstream: tags.cncf.io/container-device-interface/pkg/parser */

/** What stands in the way of a kind, `vendor.com/class`; undefined: nothing. */
export function kindProblem(kind: string): string | undefined {
  const [vendor = "", name, ...rest] = kind.split("/");
  if (name === undefined || rest.length > 0) return `kind "${kind}" is not vendor/class`;
  const problem = wordProblem(vendor, /^[A-Za-z]/, /[^\w.-]/);
  if (problem !== undefined) return `invalid vendor "${vendor}": ${problem}`;
  const other = wordProblem(name, /^[A-Za-z]/, /[^\w.-]/);
  return other === undefined ? undefined : `invalid class "${name}": ${other}`;
}

export function deviceProblem(name: string): string | undefined {
  const problem = wordProblem(name, /^[A-Za-z0-9]/, /[^\w.:-]/);
  return problem === undefined ? undefined : `invalid device name "${name}": ${problem}`;
}

/** Why a name is none of a CDI device; undefined for one that is. */
export function nameProblem(name: string): string | undefined {
  const at = name.indexOf("=");
  if (at < 0) return `unqualified CDI device "${name}"`;
  return kindProblem(name.slice(0, at)) ?? deviceProblem(name.slice(at + 1));
}

/** @param strange a character that may stand nowhere in it */
function wordProblem(word: string, first: RegExp, strange: RegExp): string | undefined {
  if (word === "") return "empty name";
  if (!first.test(word)) return "its first character is not allowed there";
  const bad = strange.exec(word)?.[0];
  if (bad !== undefined) return `"${bad}" is not allowed`;
  return /[A-Za-z0-9]$/.test(word) ? undefined : "its last character is not a letter or digit";
}
