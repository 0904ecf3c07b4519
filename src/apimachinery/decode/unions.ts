/** Types of apiextensions that are one of several JSON shapes. Upstream: apiextensions/v1/marshal.go */
import { isRecord } from "../equal.ts";
import { badRequest } from "../status.ts";
import { DecodeContext } from "./context.ts";
import type { Reader } from "./scalars.ts";

/** @param schema reads a JSONSchemaProps; unknown fields within unions are dropped unheard, as upstream drops them */
export function unionReader(goType: string, schema: Reader): Reader | undefined {
  const inner = (value: unknown): unknown => schema(value, new DecodeContext(false));
  switch (goType) {
    case "v1.JSONSchemaPropsOrArray":
      return (value) => (Array.isArray(value) ? value.map(inner) : isRecord(value) ? inner(value) : refuse("schema or array of schemas expected"));
    case "v1.JSONSchemaPropsOrBool":
      return (value) => (typeof value === "boolean" ? value : isRecord(value) ? inner(value) : refuse("boolean or JSON schema expected"));
    case "v1.JSONSchemaPropsOrStringArray":
      return (value) => (Array.isArray(value) ? value : isRecord(value) ? inner(value) : refuse("JSON schema or array of strings expected"));
    default:
      return undefined;
  }
}

function refuse(message: string): never {
  throw badRequest(message);
}
