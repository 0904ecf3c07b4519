/** What a new state says of the one that it was made from. Upstream: apiserver/pkg/registry/generic/registry/store.go Update */
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest, conflict, invalid, optimisticLock } from "#apimachinery/status.ts";
import { groupResourceOf } from "./registry.ts";
import type { Place } from "./writes.ts";

/** Throws Conflict. @param found of the object that is there; empty: none is */
export function checkUid(place: Place, uid: string | undefined, found: string = ""): void {
  if (uid && uid !== found) throw conflict(groupResourceOf(place.resource), place.name, `${storageError(place)}Precondition failed: UID in precondition: ${uid}, UID in object meta: ${found}`);
}

/** An update may name the revision that it changes; without one, or with "0", it changes whatever is there. Throws Conflict and BadRequest. */
export function checkRevision({ resource, name }: Place, resourceVersion: string | undefined, old: KubeObject): void {
  const asked = revisionIn(resourceVersion);
  if (asked !== 0 && asked !== Number(old.metadata.resourceVersion)) throw conflict(groupResourceOf(resource), name, optimisticLock);
}

/** Of some kinds every update must name it. Throws Invalid. */
export function requireRevision({ resource, name }: Place, resourceVersion: string | undefined): void {
  if (resource.unconditionalUpdate !== false || revisionIn(resourceVersion) !== 0) return;
  throw invalid({ group: resource.group, kind: resource.names.plural }, name, [{ reason: "FieldValueInvalid", field: "metadata.resourceVersion", message: "Invalid value: 0x0: must be specified for an update" }]);
}

/** 0 where none is named. Upstream: apiserver/pkg/storage/api_object_versioner.go ObjectResourceVersion */
function revisionIn(resourceVersion = ""): number {
  if (!/^\d*$/.test(resourceVersion)) throw badRequest(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  return Number(resourceVersion);
}

/** As upstream's storage begins what it says. Upstream: apiserver/pkg/storage/errors.go StorageError */
const storageError = ({ resource, namespace, name }: Place): string =>
  `StorageError: invalid object, Code: 4, Key: /registry/${[resource.names.plural, namespace, name].filter((part) => part !== "").join("/")}, ResourceVersion: 0, AdditionalErrorMsg: `;
