import type { HttpResponse } from "#base/http.ts";
import { isRecord } from "#apimachinery/equal.ts";
import { parseJson } from "#apimachinery/json.ts";
import { apiVersionOf, type KubeObject } from "#apimachinery/meta.ts";
import { goPrint } from "#apimachinery/patch/errors.ts";
import { applyJsonPatch } from "#apimachinery/patch/json-patch.ts";
import { applyMergePatch } from "#apimachinery/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "#apimachinery/patch/strategic-merge.ts";
import { badRequest, invalid, isStatus, StatusError } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { apiSchema } from "#api/schema.ts";
import { readBody } from "../http/body.ts";
import { update as updateObject } from "../registry/generic.ts";
import { apply as applyObject } from "./apply.ts";
import { decodeAs, strictness, type BodyKind } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { objectResponse } from "./get.ts";
import { writeOptions, type FieldValidation } from "./options.ts";
import { checkName, subresourceOf } from "./update.ts";

type PatchType = "json" | "merge" | "strategic";
const applyType = "application/apply-patch+yaml";

const types: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
};

const customTypes = [...Object.keys(types).filter((type) => types[type] !== "strategic"), applyType];

/** PATCH of an object, or of its part behind a subresource. Tried again after a lost race, unless the patch names a resourceVersion. */
export async function patch(call: Call): Promise<HttpResponse> {
  const { ctx, deps, place } = call;
  if (isApply(call)) return await applyObject(call);
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "PatchOptions");
  const { subresource } = subresourceOf(call);
  const apply = await readPatch(call, place.resource, fieldValidation);
  const next = (old: KubeObject | undefined): KubeObject => {
    const patched = apply((old ?? { metadata: { name: place.name } }) as KubeObject);
    checkName(patched, place.name);
    const { namespace } = patched.metadata;
    if (place.namespace !== "" && namespace && namespace !== place.namespace) throw badRequest(`the namespace of the object (${namespace}) does not match the namespace on the request (${place.namespace})`);
    return patched;
  };
  const { item, created } = await updateObject(deps.storage, place, { ...(subresource && { subresource }), next }, writerOf(call, dryRun));
  return objectResponse(call, created ? 201 : 200, item);
}

/** Whether the patch is a configuration to apply. */
export const isApply = ({ ctx }: Call): boolean => mediaType(ctx.request.headers["content-type"]) === applyType;

const mediaType = (header = ""): string => header.split(";")[0]?.trim().toLowerCase() ?? "";

/** Reads the patch; the result applies it to an object of this kind and gives the canonical outcome. */
export async function readPatch({ ctx }: Call, kind: BodyKind, fieldValidation: FieldValidation): Promise<(old: KubeObject) => KubeObject> {
  const type = patchType(ctx.request.headers["content-type"], kind.custom !== undefined);
  const bytes = await readBody(ctx.request);
  const { value, duplicates } = parseJson(bytes, { exact: kind.custom !== undefined });
  ctx.sent?.(value);
  if (type === "merge" && value !== null && !isRecord(value)) throw badRequest(`error decoding patch: json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value} into Go value of type map[string]interface {}`);
  return (old) => {
    const patched = apply(type, kind, old, value);
    if (type !== "strategic" && kind.custom === undefined && isRecord(patched) && (patched["apiVersion"] ?? "") === "") return unversioned(old);
    const refuse = (text: string): StatusError => invalid({ group: "", kind: "" }, "", [invalidValue("patch", type === "strategic" ? goPrint(value) : printed(patched, kind), text)]);
    if (kind.custom !== undefined && isRecord(patched)) checkType(patched, kind, refuse);
    const { object, unknown } = decodePatched(patched, kind, refuse);
    strictness(ctx, fieldValidation, [...duplicates, ...unknown], refuse);
    return object;
  };
}

/** Throws where a custom object would have no kind or another one. Upstream: apiextensions-apiserver registry/customresource/validator.go validateTypeMeta */
function checkType(patched: Record<string, unknown>, own: BodyKind, refuse: (text: string) => StatusError): void {
  const { apiVersion, kind, metadata } = patched;
  if ((kind ?? "") === "") throw refuse(`Object 'Kind' is missing in '${printed(patched, own)}'`);
  if ((apiVersion ?? "") === "") throw badRequest("Object 'apiVersion' is missing in 'object has no apiVersion field'");
  const wanted = { kind: own.kind, apiVersion: apiVersionOf(own.group, own.version) };
  const given = { kind, apiVersion };
  const causes = (["kind", "apiVersion"] as const).filter((field) => typeof given[field] === "string" && given[field] !== "" && given[field] !== wanted[field])
    .map((field) => invalidValue(field, given[field], `must be ${wanted[field]}`));
  if (causes.length > 0 && typeof kind === "string") throw invalid({ group: own.group, kind }, isRecord(metadata) ? String(metadata["name"] as string) : "", causes);
}

/** Upstream reads an object without a version as one of its own forms, which shares no field with what users write: nothing is left of it, its name least. */
const unversioned = ({ apiVersion = "", kind = "" }: KubeObject): KubeObject => ({ apiVersion, kind, metadata: { name: "" } });

/** Go prints the keys of what a patch has made in their order, those within only where it has no struct for them. */
function printed(patched: unknown, { custom }: BodyKind): string {
  return JSON.stringify(custom === undefined ? inKeyOrder(patched) : patched, custom && ((_key, value: unknown) => inKeyOrder(value)));
}

const inKeyOrder = (value: unknown): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** Without schema tables there is nothing that a strategic merge could go by. */
function patchType(header: string | undefined, custom: boolean): PatchType {
  const type = mediaType(header);
  const known = Object.hasOwn(types, type) ? types[type] : undefined;
  if (custom && (known === undefined || known === "strategic")) throw new StatusError("UnsupportedMediaType", `the body of the request was in an unknown format - accepted media types include: ${customTypes.join(", ")}`);
  if (known !== undefined) return known;
  throw new StatusError("UnsupportedMediaType", "415: Unsupported Media Type", {}); // the words of upstream's router
}

function apply(type: PatchType, kind: BodyKind, old: KubeObject, value: unknown): unknown {
  switch (type) {
    case "json": return applyJsonPatch(old, value);
    case "merge": return applyMergePatch(old, value);
    case "strategic": { // the kind is that of the request, whatever the patch says
      const { apiVersion, kind: name } = old;
      return { ...applyStrategicMergePatch(apiSchema, kind.schema, { ...old }, value), ...(apiVersion !== undefined && { apiVersion }), ...(name !== undefined && { kind: name }) };
    }
  }
}

/** What a patch makes must be an object of the kind. Upstream: apiserver/pkg/endpoints/handlers/patch.go jsonPatcher applyPatchToCurrentObject */
function decodePatched(patched: unknown, kind: BodyKind, refuse: (text: string) => StatusError): ReturnType<typeof decodeAs> {
  try {
    return decodeAs(patched, kind);
  } catch (err) {
    if (isStatus(err, "BadRequest")) throw refuse(err.message.replace(/^\S+ in version "[^"]*" cannot be handled as a \S+: /, ""));
    throw err;
  }
}
