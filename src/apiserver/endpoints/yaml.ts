import { stringify } from "yaml";

/** JSON bytes as YAML. */
export const toYaml = (json: Buffer): Buffer => Buffer.from(stringify(JSON.parse(json.toString()), { aliasDuplicateObjects: false }));
