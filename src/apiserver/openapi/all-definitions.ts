import type { AnyResource } from "../registry/resource.ts";
import { customDefinitions } from "./custom.ts";
import { definitionsOf, type DefinitionOptions, type Definitions } from "./definitions.ts";
import { rootTypes } from "./paths.ts";

/** Everything that a document refers to: built-in types, and the schemas of custom kinds. */
export function allDefinitions(resources: readonly AnyResource[], options: DefinitionOptions): Definitions {
  const definitions = definitionsOf(rootTypes(resources), options);
  for (const resource of resources) if (resource.custom !== undefined) Object.assign(definitions, customDefinitions(resource, options));
  return definitions;
}
