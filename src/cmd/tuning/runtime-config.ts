/** `--runtime-config`: what is served beside that which always is. As a number, for it stands among numbers: a bit for each kind. */
import { optionalKinds, optionalVersion, runtimeConfigKey, type OptionalKind } from "#api/optional-kinds.ts";

/** All that may be asked for, the whole version first. */
export const runtimeConfigKeys: readonly string[] = [optionalVersion, ...optionalKinds.map(runtimeConfigKey)];

const bitOf = (kind: OptionalKind): number => 1 << optionalKinds.indexOf(kind);

/** Undefined for what cannot be meant. What is said of one kind counts more than what is said of all. Upstream: apiserver/pkg/server/resourceconfig MergeAPIResourceConfigs */
export function readRuntimeConfig(text: string): number | undefined {
  const said = new Map<string, boolean>();
  for (const part of text.split(",").filter(Boolean)) {
    const [key = "", value = "true", ...more] = part.split("=");
    if (!runtimeConfigKeys.includes(key) || (value !== "true" && value !== "false") || more.length > 0) return undefined;
    said.set(key, value === "true");
  }
  return optionalKinds.filter((kind) => said.get(runtimeConfigKey(kind)) ?? said.get(optionalVersion) ?? false).reduce((bits, kind) => bits | bitOf(kind), 0);
}

/** The kinds of a number that `readRuntimeConfig` has made. */
export const kindsAskedFor = (bits: number): readonly OptionalKind[] => optionalKinds.filter((kind) => (bits & bitOf(kind)) !== 0);
