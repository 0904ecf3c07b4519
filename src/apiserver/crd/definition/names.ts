import type { CustomResourceDefinitionNames } from "#api/gen/apiextensions-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required } from "#apimachinery/validation/causes.ts";
import { dns1035Label } from "#apimachinery/validation/names.ts";

/** Upstream: apiextensions-apiserver/pkg/apis/apiextensions/validation ValidateCustomResourceDefinitionNames */
export function validateNames(names: Partial<CustomResourceDefinitionNames>, path: string): readonly Cause[] {
  const { plural = "", singular = "", kind = "", listKind = "", shortNames = [], categories = [] } = names;
  return [
    ...label(`${path}.plural`, plural), ...label(`${path}.singular`, singular), ...mixedCase(`${path}.kind`, kind), ...mixedCase(`${path}.listKind`, listKind),
    ...shortNames.flatMap((name, i) => label(`${path}.shortNames[${i}]`, name, true)),
    ...(kind !== "" && kind === listKind ? [invalidValue(`${path}.listKind`, listKind, "kind and listKind may not be the same")] : []),
    ...categories.flatMap((name, i) => label(`${path}.categories[${i}]`, name, true)),
  ];
}

/** In a spec they must be there. */
export const requiredNames = (names: CustomResourceDefinitionNames, path: string): readonly Cause[] =>
  (["plural", "singular", "kind", "listKind"] as const).filter((name) => !names[name]).map((name) => required(`${path}.${name}`));

function label(path: string, name: string, always = false): readonly Cause[] {
  const messages = name === "" && !always ? [] : dns1035Label(name);
  return messages.length === 0 ? [] : [invalidValue(path, name, messages.join(","))];
}

function mixedCase(path: string, name: string): readonly Cause[] {
  const messages = name === "" ? [] : dns1035Label(name.toLowerCase());
  return messages.length === 0 ? [] : [invalidValue(path, name, `may have mixed case, but should otherwise match: ${messages.join(",")}`)];
}
