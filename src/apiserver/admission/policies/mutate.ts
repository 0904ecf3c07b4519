/** The patches of mutating policies, made and applied. Upstream: apiserver/pkg/admission/plugin/policy/mutating/patch */
import { ListValue } from "#apimachinery/cel/containers.ts";
import { toJson } from "#apimachinery/cel/json-values.ts";
import { StructValue } from "#apimachinery/cel/struct-value.ts";
import { CelError, type Value } from "#apimachinery/cel/values.ts";
import { merge } from "#apimachinery/apply/merge.ts";
import { shapeOf, typeUnder, type Type } from "#apimachinery/apply/types.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { applyJsonPatch } from "#apimachinery/patch/json-patch.ts";
import { isStatus } from "#apimachinery/status.ts";
import { misnamed } from "./mutation-types.ts";

/** What is wrong with a mutation; the failure policy says what comes of it. */
export class MutationError extends Error {
  override readonly name = "MutationError";
}

/** A new object; the fields that the configuration states are its own. Throws MutationError. */
export function applyConfiguration(object: KubeObject, made: Value, type: Type): unknown {
  if (!(made instanceof StructValue)) throw new MutationError("unsupported return type from ApplyConfiguration expression");
  const wrong = misnamed(made, "Object");
  if (wrong !== undefined) throw new MutationError(`type mismatch: ${wrong}`);
  const applied = jsonOf(made);
  const atomics = atomicsIn(type, applied, "");
  if (atomics.length > 0) throw new MutationError(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(", ")}`);
  return merge(type, object, applied);
}

/** Paths of what a configuration states and could only replace whole. */
function atomicsIn(type: Type, value: unknown, path: string): readonly string[] {
  const shape = shapeOf(type, value);
  if (shape.kind === "map" && isRecord(value)) {
    const below = Object.keys(value).flatMap((key) => {
      const field = typeUnder(shape, key);
      return field === undefined ? [] : atomicsIn(field, value[key], `${path}.${key}`);
    });
    return shape.atomic ? [path, ...below] : below;
  }
  if (shape.kind !== "list" || !Array.isArray(value)) return [];
  if (shape.relation === "atomic") return [path];
  return value.flatMap((item, i) => atomicsIn(shape.element, item, `${path}[${i}]`));
}

/** A new object; the same one where a test among the operations fails. Throws MutationError. */
export function applyPatches(object: KubeObject, made: Value): unknown {
  if (!(made instanceof ListValue)) throw new MutationError("type mismatch: JSONPatchType.expression should evaluate to array");
  const operations = made.toArray().map(operationOf);
  try {
    return applyJsonPatch(object, operations);
  } catch (err) {
    if (!isStatus(err, "Invalid", "BadRequest", "RequestEntityTooLarge")) throw err;
    const why = err.cause instanceof Error ? err.cause.message : err.message; // the patch's user is the server itself, which may know
    if (/^testing value .* failed$/.test(why)) return object;
    throw new MutationError(`JSONPath: ${why}`);
  }
}

function operationOf(value: Value): unknown {
  if (!(value instanceof StructValue) || value.typeName !== "JSONPatch") throw new MutationError("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch");
  const given = value.get("value");
  const wrong = given instanceof StructValue ? misnamed(given, given.typeName) : undefined;
  if (wrong !== undefined) throw new MutationError(`type mismatch: ${wrong}`);
  return jsonOf(value);
}

function jsonOf(value: Value): unknown {
  const made = toJson(value);
  if (made instanceof CelError) throw new MutationError(`evaluated to a type that could not marshal to JSON: ${made.message}`);
  return made.json;
}
