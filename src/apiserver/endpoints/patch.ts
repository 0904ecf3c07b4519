import type { HttpResponse } from "#base/http.ts";
import { parseJson } from "#apimachinery/json.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { applyJsonPatch } from "#apimachinery/patch/json-patch.ts";
import { applyMergePatch } from "#apimachinery/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "#apimachinery/patch/strategic-merge.ts";
import { invalid, isStatus, StatusError } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { apiSchema } from "#api/schema.ts";
import { readBody } from "../http/body.ts";
import { update as updateObject } from "../registry/generic.ts";
import { decodeAs, strictness, type BodyKind } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { objectResponse } from "./get.ts";
import { writeOptions, type FieldValidation } from "./options.ts";
import { checkName, subresourceOf } from "./update.ts";

type PatchType = "json" | "merge" | "strategic";

const types: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
};

/** PATCH of an object, or of its part behind a subresource. Tried again after a lost race, unless the patch names a resourceVersion. */
export async function patch(call: Call): Promise<HttpResponse> {
  const { ctx, deps, place } = call;
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "PatchOptions");
  const { subresource } = subresourceOf(call, "patch");
  const apply = await readPatch(call, place.resource, fieldValidation);
  const next = (old: KubeObject | undefined): KubeObject => {
    const patched = apply((old ?? { metadata: { name: place.name } }) as KubeObject);
    checkName(patched, place.name);
    return patched;
  };
  const { item, created } = await updateObject(deps.storage, place, { ...(subresource && { subresource }), next }, writerOf(call, dryRun));
  return objectResponse(call, created ? 201 : 200, item);
}

/** Reads the patch; the result applies it to an object of this kind and gives the canonical outcome. */
export async function readPatch({ ctx }: Call, kind: BodyKind, fieldValidation: FieldValidation): Promise<(old: KubeObject) => KubeObject> {
  const type = patchType(ctx.request.headers["content-type"]);
  const bytes = await readBody(ctx.request);
  const { value, duplicates } = parseJson(bytes);
  return (old) => {
    const refuse = (text: string): StatusError => invalid({ group: "", kind: "" }, "", [invalidValue("patch", bytes.toString(), text)]);
    const patched = apply(type, kind, old, value);
    const { object, unknown } = decodePatched(patched, kind, refuse);
    strictness(ctx, fieldValidation, [...duplicates, ...unknown], refuse);
    return object;
  };
}

function patchType(header: string | undefined): PatchType {
  const type = (header ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const known = Object.hasOwn(types, type) ? types[type] : undefined;
  if (known !== undefined) return known;
  throw new StatusError("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${Object.keys(types).join(", ")}`);
}

function apply(type: PatchType, kind: BodyKind, old: KubeObject, value: unknown): unknown {
  switch (type) {
    case "json": return applyJsonPatch(old, value);
    case "merge": return applyMergePatch(old, value);
    case "strategic": return applyStrategicMergePatch(apiSchema, kind.schema, { ...old }, value);
  }
}

/** What a patch makes must be an object of the kind. Upstream: handlers/patch.go jsonPatcher applyPatchToCurrentObject */
function decodePatched(patched: unknown, kind: BodyKind, refuse: (text: string) => StatusError): ReturnType<typeof decodeAs> {
  try {
    return decodeAs(patched, kind);
  } catch (err) {
    if (isStatus(err, "BadRequest")) throw refuse(err.message);
    throw err;
  }
}
