import { stringify } from "yaml";

/** A value as YAML in upstream's form: keys sorted, lists not indented, long lines whole. Upstream: sigs.k8s.io/yaml */
export const yamlText = (value: unknown): string => stringify(value, { aliasDuplicateObjects: false, sortMapEntries: true, indentSeq: false, lineWidth: 0, version: "1.1" });
