/** PATCH with `application/apply-patch+yaml`: server-side apply. Upstream: apiserver/pkg/endpoints/handlers/patch.go applyPatcher; managedfields/internal */
import type { HttpResponse } from "#base/http.ts";
import { applyConfiguration } from "#apimachinery/apply/apply.ts";
import { problemsOf, problemText } from "#apimachinery/apply/validate.ts";
import type { Type } from "#apimachinery/apply/types.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { KubeObject, ManagedFieldsEntry } from "#apimachinery/meta.ts";
import { badRequest, conflict, isStatus } from "#apimachinery/status.ts";
import { parseYaml, parseYamlDocuments } from "#apimachinery/yaml.ts";
import { isTrue } from "../filters/connect-verbs.ts";
import { readBody } from "../http/body.ts";
import { update as updateObject } from "../registry/generic.ts";
import { blankOf, resetFields, todaysEntries, typeOf, typesOf, writerAs } from "../registry/owners.ts";
import { groupResourceOf } from "../registry/registry.ts";
import type { AnyResource } from "../registry/resource.ts";
import { decodeAs, type BodyKind } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { managerOf } from "./field-manager.ts";
import { objectResponse } from "./get.ts";
import { writeOptions, type FieldValidation } from "./options.ts";
import { checkName, subresourceOf } from "./update.ts";

/** Applies to the object, or to its part behind a subresource; what is not there is made. */
export async function apply(call: Call): Promise<HttpResponse> {
  const { ctx, deps, place } = call;
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "PatchOptions", true);
  const { subresource } = subresourceOf(call);
  const config = await readConfiguration(call, place.resource, fieldValidation);
  const next = (old: KubeObject | undefined): KubeObject => {
    const { uid } = config.metadata;
    if (old === undefined && uid) throw conflict(groupResourceOf(place.resource), place.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
    const applied = outcome(call, old, config, typeOf(place.resource));
    checkName(applied, place.name);
    return applied;
  };
  const change = { ...(subresource && { subresource }), ownership: "given" as const, createsAbsent: true, next };
  const { item, created } = await updateObject(deps.storage, place, change, writerOf(call, dryRun));
  return objectResponse(call, created ? 201 : 200, item);
}

/** The object after `config` was applied, in canonical form. */
function outcome(call: Call, live: KubeObject | undefined, config: KubeObject, type: Type): KubeObject {
  const { resource } = call.place;
  refuseProblems(type, config);
  const merged = mergeConfiguration(call, live, config);
  try {
    return decodeAs(merged, resource).object;
  } catch (err) {
    if (isStatus(err, "BadRequest")) throw badRequest(`failed to convert new typed object (${describe(config)}) to object: ${err.message}`);
    throw err;
  }
}

/** Throws what the configuration's type does not allow. Upstream's words; its code is 500, and the mistake is the client's. */
export function refuseProblems(type: Type, config: KubeObject): void {
  const problems = problemsOf(type, config);
  if (problems.length > 0) throw badRequest(`failed to create typed patch object (${describe(config)}): ${problemText(problems)}`);
}

/** Merges a configuration of the URL's resource and works out the owners; the outcome is not canonical yet. Throws Conflict. */
export function mergeConfiguration({ ctx, deps, place: { resource }, target }: Call, live: KubeObject | undefined, config: KubeObject): KubeObject {
  return applyConfiguration({
    types: typesOf(resource), blank: blankOf(resource), live: live && withTodaysOwners(resource, live), config, reset: resetFields(resource, target.subresource), force: isTrue(ctx.info.query, "force"),
    writer: writerAs(resource, managerOf(ctx), target.subresource, deps.storage.clock.now()),
  });
}

function withTodaysOwners(resource: AnyResource, live: KubeObject): KubeObject {
  const entries = live.metadata.managedFields ?? [];
  const managedFields = todaysEntries(resource, live, entries);
  return managedFields === entries ? live : { ...live, metadata: { ...live.metadata, managedFields: managedFields as ManagedFieldsEntry[] } };
}

/** `namespace/name; apps/v1, Kind=Deployment`. Upstream: objectGVKNN */
const describe = (config: KubeObject): string => `${config.metadata.namespace ?? ""}/${config.metadata.name ?? ""}; ${gvkText(config)}`;

function gvkText({ apiVersion = "", kind = "" }: KubeObject): string {
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}

/** The body as it was written, checked for what no apply may say. */
export async function readConfiguration({ ctx }: Call, kind: BodyKind, fieldValidation: FieldValidation): Promise<KubeObject> {
  const text = (await readBody(ctx.request)).toString();
  const { value, duplicates } = parse(text, kind.custom !== undefined);
  const config = asObject(value);
  const expected = kind.group === "" ? `/${kind.version}` : `${kind.group}/${kind.version}`;
  if (gvkText(config) !== `${expected}, Kind=${kind.kind}`) throw badRequest(`invalid object type: ${gvkText(config)}`);
  if (config.metadata.managedFields !== undefined && config.metadata.managedFields !== null) throw badRequest("metadata.managedFields must be nil");
  if (duplicates.length === 0 || fieldValidation === "Ignore") return config;
  const problem = `error converting YAML to JSON: yaml: unmarshal errors:\n${duplicateLines(text).map((line) => `  ${line}`).join("\n")}`;
  if (fieldValidation === "Strict") throw badRequest(`error strict decoding YAML: ${problem}`);
  ctx.warnings.add(problem);
  return config;
}

/** `line 3: key "replicas" already set in map`, also where the text is JSON. */
const duplicateLines = (text: string): readonly string[] => parseYamlDocuments(text)[0]?.duplicates ?? [];

function parse(text: string, exact: boolean): ReturnType<typeof parseYaml> {
  try {
    return parseYaml(text, exact);
  } catch (err) {
    if (isStatus(err, "BadRequest")) throw badRequest(`error decoding YAML: ${err.message}`);
    throw err;
  }
}

function asObject(value: unknown): KubeObject {
  if (!isRecord(value)) throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value} into Go value of type map[string]interface {}`);
  const { apiVersion, kind, metadata } = value;
  return { ...value, apiVersion: typeof apiVersion === "string" ? apiVersion : "", kind: typeof kind === "string" ? kind : "", metadata: metadata ?? {} } as KubeObject;
}
