/** The query parameters of requests, checked as upstream does. Upstream: apimachinery/pkg/apis/meta/internalversion/validation */
import { badRequest, invalid, type Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { isTrue } from "../filters/connect-verbs.ts";
import { validateFieldManager } from "./field-manager.ts";

export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** 0: no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** Throws BadRequest for what cannot be read, Invalid for what may not go together. */
export function listOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const options: ListOptions = {
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    limit: integer(query, "limit") ?? 0,
    continue: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
    timeoutSeconds: integer(query, "timeoutSeconds"),
    allowWatchBookmarks: isTrue(query, "allowWatchBookmarks"),
    sendInitialEvents: query.has("sendInitialEvents") ? isTrue(query, "sendInitialEvents") : undefined,
  };
  const causes = watch ? watchCauses(options) : listCauses(options);
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", causes);
  return options;
}

function listCauses(o: ListOptions): Cause[] {
  const causes: Cause[] = [];
  const match = o.resourceVersionMatch;
  if (o.sendInitialEvents !== undefined) causes.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  if (match === "") return causes;
  if (o.resourceVersion === "") causes.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  if (o.continue !== "") causes.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
  if (match !== "Exact" && match !== "NotOlderThan") causes.push(notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
  if (match === "Exact" && o.resourceVersion === "0") causes.push(forbidden("resourceVersionMatch", 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  return causes;
}

function watchCauses(o: ListOptions): Cause[] {
  const match = o.resourceVersionMatch;
  const causes: Cause[] = [];
  if (o.sendInitialEvents === undefined && match !== "") causes.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  if (o.sendInitialEvents !== undefined && match !== "NotOlderThan") causes.push(forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  if (match !== "" && match !== "NotOlderThan") causes.push(notSupported("resourceVersionMatch", match, ["NotOlderThan"]));
  if (match !== "" && o.continue !== "") causes.push(forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided"));
  return causes;
}

/** `resourceVersion` as a number; undefined where it is empty. Throws BadRequest. */
export function revisionOf(text: string): number | undefined {
  if (text === "") return undefined;
  const value = Number(text);
  if (!/^\d{1,19}$/.test(text)) {
    const cause = invalidValue("resourceVersion", text, `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
    throw badRequest(`${cause.field}: ${cause.message}`);
  }
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

export type FieldValidation = "Ignore" | "Warn" | "Strict";
export interface WriteOptions { readonly dryRun: boolean; readonly fieldValidation: FieldValidation }

/** Of create, update and patch. @param kind of the options, for the message @param apply the patch is a server-side apply */
export function writeOptions(query: URLSearchParams, kind: "CreateOptions" | "UpdateOptions" | "PatchOptions", apply = false): WriteOptions {
  const manager = query.get("fieldManager") ?? "";
  const causes: Cause[] = [];
  if (apply && manager === "") causes.push(required("fieldManager", "is required for apply patch"));
  if (!apply && kind === "PatchOptions" && query.has("force")) causes.push(forbidden("force", "may not be specified for non-apply patch"));
  causes.push(...validateFieldManager("fieldManager", manager));
  const dryRun = dryRunOf(query.getAll("dryRun"), causes);
  const fieldValidation = query.get("fieldValidation") || "Warn";
  if (!isFieldValidation(fieldValidation)) causes.push(notSupported("fieldValidation", fieldValidation, ["Ignore", "Strict", "Warn"]));
  if (causes.length > 0 || !isFieldValidation(fieldValidation)) throw invalid({ group: "meta.k8s.io", kind }, "", causes);
  return { dryRun, fieldValidation };
}

/** What a URL says of creates, updates and patches, for those who ask about the request. Upstream: apiserver/pkg/endpoints/handlers/create.go, update.go, patch.go patchToUpdateOptions */
export function givenOptions(query: URLSearchParams): Readonly<Record<string, unknown>> {
  const texts = ["fieldManager", "fieldValidation"].filter((name) => query.get(name)).map((name) => [name, query.get(name)]);
  return { ...(query.has("dryRun") && { dryRun: query.getAll("dryRun") }), ...Object.fromEntries(texts) as Record<string, string> };
}

const isFieldValidation = (text: string): text is FieldValidation => text === "Ignore" || text === "Warn" || text === "Strict";

/** `All` is the only stage that there is. Upstream: metav1 validation ValidateDryRun, which prints the list as Go would */
export function dryRunOf(values: readonly string[], causes: Cause[]): boolean {
  if (values.some((value) => value !== "All")) {
    const all = `[]string{${values.map((value) => JSON.stringify(value)).join(", ")}}`;
    causes.push({ reason: "FieldValueNotSupported", field: "dryRun", message: `Unsupported value: ${all}: supported values: "All"` });
  }
  return values.length > 0;
}

/** Throws BadRequest for what is no integer. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
