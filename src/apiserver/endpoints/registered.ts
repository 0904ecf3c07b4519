import { apiSchema } from "#api/schema.ts";
import type { BodyKind } from "./body.ts";

/** Versions that upstream's scheme still knows by name, though nobody serves them. */
const prerelease = /^v\d+(?:alpha|beta)\d+$/;

const schemaOf = (group: string, version: string, kind: string): string => `${group === "" ? "core" : group.split(".", 1)[0]}/${version}.${kind}`;

/** Whether upstream's scheme has such a kind; a wrong one that it has is refused in other words than one that it has not. */
export function isRegistered(apiVersion: string, kind: string, expected: BodyKind): boolean {
  if (!Object.hasOwn(apiSchema.types, schemaOf(expected.group, expected.version, expected.kind))) return true; // a custom kind's own rules
  const slash = apiVersion.indexOf("/");
  const [group, version] = slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
  return prerelease.test(version) || Object.hasOwn(apiSchema.types, schemaOf(group, version, kind));
}
