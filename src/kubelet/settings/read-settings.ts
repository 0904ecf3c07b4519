/** Settings from outside: from a KubeletConfiguration, or from flags as upstream's kubelet has them. */
import { kindOf, kinds } from "./kinds.ts";
import { defaultEvictionHard, defaultSettings, type KubeletSettings } from "./settings.ts";
import { contradiction } from "./validate-settings.ts";

/** Told in words for a person; never a fault of ours. */
export class SettingsError extends Error {}

/** What somebody has chosen; what is left out keeps its default. */
export type ChosenSettings = Partial<KubeletSettings>;

/** Flags whose names are not just the field's in other letters. */
const oddFlags: Readonly<Record<string, keyof KubeletSettings>> = {
  "pod-manifest-path": "staticPodPath",
  "pod-max-pids": "podPidsLimit",
  "image-gc-high-threshold": "imageGCHighThresholdPercent",
  "image-gc-low-threshold": "imageGCLowThresholdPercent",
  "minimum-image-ttl-duration": "imageMinimumGCAge",
};

/** @param document the body of a KubeletConfiguration. Throws `SettingsError` for what this kubelet does not know: nothing is passed over. */
export function chosenByFile(document: unknown): ChosenSettings {
  if (typeof document !== "object" || document === null || Array.isArray(document)) throw new SettingsError("a KubeletConfiguration must be a map");
  const { apiVersion, kind, ...fields } = document as Readonly<Record<string, unknown>>;
  if (kind !== "KubeletConfiguration" || apiVersion !== "kubelet.config.k8s.io/v1beta1")
    throw new SettingsError(`expected apiVersion kubelet.config.k8s.io/v1beta1, kind KubeletConfiguration, not ${JSON.stringify(apiVersion)}, ${JSON.stringify(kind)}`);
  for (const [name, value] of Object.entries(fields)) {
    const expected = kindOf(name);
    if (expected === undefined) throw new SettingsError(`this kubelet has no setting "${name}"`);
    if (!expected.fits(value)) throw new SettingsError(`${name} must be ${expected.words}`);
  }
  return fields as ChosenSettings;
}

/** @param flag `eviction-hard=memory.available<1Gi,nodefs.available<5%`, with or without leading hyphens. Throws `SettingsError`. */
export function chosenByFlag(flag: string): ChosenSettings {
  const [, name = "", text = ""] = /^-{0,2}([a-z-]+)=(.*)$/s.exec(flag) ?? [];
  const field = oddFlags[name] ?? fields.get(name.replaceAll("-", ""));
  if (field === undefined) throw new SettingsError(`"${flag}" is not like name=value with the name of a kubelet's flag that is known here, such as eviction-hard or max-pods`);
  const value = kinds[field].fromFlag(text);
  if (value === undefined || !kinds[field].fits(value)) throw new SettingsError(`${name} must be ${kinds[field].words}, not "${text}"`);
  return { [field]: value };
}

/** All of them. Throws `SettingsError` when two do not go together. */
export function settingsWith(chosen: ChosenSettings): KubeletSettings {
  const evictionHard = chosen.mergeDefaultEvictionSettings === true ? { ...defaultEvictionHard, ...chosen.evictionHard } : (chosen.evictionHard ?? defaultEvictionHard);
  const settings = { ...defaultSettings, ...chosen, evictionHard };
  const wrong = contradiction(settings);
  if (wrong !== undefined) throw new SettingsError(`invalid configuration: ${wrong}`);
  return settings;
}

const fields: ReadonlyMap<string, keyof KubeletSettings> = new Map((Object.keys(kinds) as (keyof KubeletSettings)[]).map((field) => [field.toLowerCase(), field]));
