/** Fields that somebody else owns, told as upstream tells them. Upstream: apimachinery/pkg/util/managedfields/internal/conflict.go */
import type { ManagedFieldsEntry } from "../meta.ts";
import { quote } from "../quote.ts";
import { applyConflict, type StatusError } from "../status.ts";
import { pathsOf, type FieldSet } from "./field-set.ts";
import { pathText } from "./path-element.ts";

export interface Conflict { readonly entry: ManagedFieldsEntry; readonly fields: FieldSet }

/** 409 with one cause per field. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const byManager = conflicts
    .map(({ entry, fields }) => ({ manager: managerText(entry), paths: pathsOf(fields).map(pathText) }))
    .toSorted((a, b) => (a.manager < b.manager ? -1 : 1));
  const causes = byManager.flatMap(({ manager, paths }) => paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${manager}`, field })));
  return applyConflict(messageOf(byManager, causes.length), causes);
}

function messageOf(byManager: readonly { readonly manager: string; readonly paths: readonly string[] }[], count: number): string {
  const [only] = byManager;
  if (count === 1) return `Apply failed with 1 conflict: conflict with ${only?.manager ?? ""}: ${only?.paths[0] ?? ""}`;
  const lines = byManager.flatMap(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)]);
  return `Apply failed with ${count} conflicts: ${lines.join("\n")}`;
}

/** Upstream: printManager; its identifiers carry no time */
function managerText({ manager = "", subresource = "", operation, apiVersion = "" }: ManagedFieldsEntry): string {
  const name = subresource === "" ? quote(manager) : `${quote(manager)} with subresource ${quote(subresource)}`;
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
