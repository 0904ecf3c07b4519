/** Which names a definition gets, and what its status says of it. Pure. Upstream: controller/status/naming_controller.go, controller/establish */
import type { CustomResourceDefinition, CustomResourceDefinitionCondition, CustomResourceDefinitionNames } from "#api/gen/apiextensions-v1.ts";
import { quote } from "#apimachinery/quote.ts";
import { approvalCondition } from "./approval.ts";
import { conditionOf, isTrue, setCondition } from "./conditions.ts";

type Names = Partial<CustomResourceDefinitionNames>;

/** Names that are taken in a group, by other definitions. */
export interface Taken { readonly resources: ReadonlySet<string>; readonly kinds: ReadonlySet<string> }

export function takenBy(accepted: Iterable<Names>): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { plural, singular, shortNames = [], kind, listKind } of accepted) {
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

/** Writes into `crd`'s status what follows from its spec and from what others have. */
export function settle(crd: CustomResourceDefinition, taken: Taken, now: string): void {
  const { accepted, conflict } = acceptNames(crd.spec.names, crd.status.acceptedNames ?? {}, taken);
  crd.status.acceptedNames = accepted as CustomResourceDefinitionNames;
  setCondition(crd, conflict ?? { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" }, now);
  setCondition(crd, established(crd, conflict === undefined), now);
  const approval = approvalCondition(crd);
  if (approval !== undefined) setCondition(crd, approval, now);
}

/** Once true, always true. */
function established(crd: CustomResourceDefinition, accepted: boolean): CustomResourceDefinitionCondition {
  if (isTrue(crd, "Established")) return conditionOf(crd, "Established") as CustomResourceDefinitionCondition;
  if (accepted) return { type: "Established", status: "True", reason: "InitialNamesAccepted", message: "the initial names have been accepted" };
  return { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" };
}

interface Acceptance { readonly accepted: Names; readonly conflict: CustomResourceDefinitionCondition | undefined }

function acceptNames(asked: CustomResourceDefinitionNames, had: Names, { resources, kinds }: Taken): Acceptance {
  const free = (name: string | undefined, own: string | undefined, used: ReadonlySet<string>): boolean => name === own || name === undefined || !used.has(name);
  const inUse = (name: string | undefined): string => `${quote(name ?? "")} is already in use`;
  const accepted: Names = { ...had, ...(asked.categories === undefined ? {} : { categories: asked.categories }) };
  if (asked.categories === undefined) delete accepted.categories;
  let conflict: CustomResourceDefinitionCondition | undefined;
  const refuse = (reason: string, message: string): void => { conflict = { type: "NamesAccepted", status: "False", reason, message }; };
  if (free(asked.plural, had.plural, resources)) accepted.plural = asked.plural;
  else refuse("PluralConflict", inUse(asked.plural));
  if (free(asked.singular, had.singular, resources)) accepted.singular = asked.singular ?? "";
  else refuse("SingularConflict", inUse(asked.singular));
  const clashes = (asked.shortNames ?? []).filter((name) => had.shortNames?.includes(name) !== true && resources.has(name));
  if (clashes.length > 0) refuse("ShortNamesConflict", clashes.length === 1 ? inUse(clashes[0]) : `[${clashes.map(inUse).join(", ")}]`);
  else if (asked.shortNames === undefined) delete accepted.shortNames;
  else accepted.shortNames = asked.shortNames;
  if (free(asked.kind, had.kind, kinds)) accepted.kind = asked.kind;
  else refuse("KindConflict", inUse(asked.kind));
  if (free(asked.listKind, had.listKind, kinds)) accepted.listKind = asked.listKind ?? "";
  else refuse("ListKindConflict", inUse(asked.listKind));
  return { accepted, conflict };
}
