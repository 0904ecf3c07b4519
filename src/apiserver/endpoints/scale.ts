import type { HttpResponse } from "#base/http.ts";
import type { Scale } from "#api/gen/autoscaling-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest, conflict, invalid, isStatus, methodNotAllowed, notFound, type StatusError } from "#apimachinery/status.ts";
import { schemaType } from "#apimachinery/apply/schema-types.ts";
import { apiSchema } from "#api/schema.ts";
import { nonNegative } from "#apimachinery/validation/causes.ts";
import { jsonResponse } from "../filters/responses.ts";
import { read, update, type Update } from "../registry/generic.ts";
import { checkRevision } from "../registry/preconditions.ts";
import { groupResourceOf } from "../registry/registry.ts";
import type { ScaleLike } from "../registry/resource.ts";
import { decodeStored } from "../registry/stored.ts";
import { mergeConfiguration, readConfiguration, refuseProblems } from "./apply.ts";
import { decodeAs, readObject, type BodyKind } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { writeOptions } from "./options.ts";
import { isApply, readPatch } from "./patch.ts";

const kind: BodyKind = { group: "autoscaling", version: "v1", kind: "Scale", schema: "autoscaling/v1.Scale" };

/** `scale`: the number of replicas as an object of its own, the same for every kind that has one. */
export async function scale(call: Call): Promise<HttpResponse> {
  const rules = call.place.resource.subresources?.["scale"];
  if (rules?.type !== "scale") throw methodNotAllowed();
  switch (call.ctx.info.verb) {
    case "get": return jsonResponse(200, scaleOf(rules, await readScaled(call)));
    case "update": return await write(call, rules, await replaced(call), writeOptions(call.ctx.info.query, "UpdateOptions").dryRun);
    case "patch": return isApply(call) ? await applied(call, rules) : await write(call, rules, await patched(call), writeOptions(call.ctx.info.query, "PatchOptions").dryRun);
    default: throw methodNotAllowed();
  }
}

/** Upstream names the subresource: each kind's ScaleREST Get */
async function readScaled({ deps, place }: Call): Promise<KubeObject> {
  try {
    return decodeStored(place.resource, await read(deps.storage, place));
  } catch (err) {
    if (isStatus(err, "NotFound")) throw notFound({ group: place.resource.group, resource: `${place.resource.names.plural}/scale` }, place.name);
    throw err;
  }
}

type Next = (current: Scale) => Scale;

async function replaced({ ctx }: Call): Promise<Next> {
  const { fieldValidation } = writeOptions(ctx.info.query, "UpdateOptions");
  const wanted = await readObject<Scale & KubeObject>(ctx, kind, fieldValidation);
  return () => wanted;
}

async function patched(call: Call): Promise<Next> {
  const { fieldValidation } = writeOptions(call.ctx.info.query, "PatchOptions");
  const apply = await readPatch(call, kind, fieldValidation);
  return (current) => apply(current as KubeObject) as Scale & KubeObject;
}

const subresource = ({ place }: Call): Required<Update>["subresource"] =>
  ({ name: "scale", write: { type: "write", prepareUpdate: () => {}, validateUpdate: (next, old) => place.resource.custom?.validate(next, old) ?? [] } });

async function write(call: Call, rules: ScaleLike<KubeObject>, next: Next, dryRun: boolean): Promise<HttpResponse> {
  return await store(call, rules, dryRun, {
    subresource: subresource(call),
    next(old) {
      if (old === undefined) throw absent();
      check(call, next(scaleOf(rules, old)), old, (replicas) => rules.setReplicas(old, replicas));
      return old;
    },
  });
}

/** Server-side apply of a Scale is one of the object with nothing but its replicas. Upstream: apimachinery/pkg/util/managedfields/scalehandler.go */
async function applied(call: Call, rules: ScaleLike<KubeObject>): Promise<HttpResponse> {
  const { place, ctx } = call;
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "PatchOptions", true);
  const config = (await readConfiguration(call, kind, fieldValidation)) as Scale & KubeObject;
  refuseProblems(schemaType(apiSchema, kind.schema), config);
  return await store(call, rules, dryRun, {
    subresource: subresource(call), ownership: "given",
    next(old) {
      if (old === undefined) throw absent();
      const part = { apiVersion: old.apiVersion ?? "", kind: old.kind ?? "", metadata: {}, spec: {} } as unknown as KubeObject;
      const replicas = config.spec?.replicas;
      check(call, replicas === undefined ? scaleOf(rules, old) : config, old, (checked) => { if (replicas !== undefined) rules.setReplicas(part, checked); });
      return decodeAs(mergeConfiguration(call, old, part), place.resource).object;
    },
  });
}

const absent = (): StatusError => badRequest("the object does not exist");

async function store(call: Call, rules: ScaleLike<KubeObject>, dryRun: boolean, change: Update): Promise<HttpResponse> {
  const { item } = await update(call.deps.storage, call.place, change, writerOf(call, dryRun));
  return jsonResponse(200, scaleOf(rules, decodeStored(call.place.resource, item)));
}

/** Upstream: each kind's ScaleREST Update */
function check({ place }: Call, scaled: Scale, old: KubeObject, set: (replicas: number) => void): void {
  const { name, resourceVersion, uid } = scaled.metadata ?? {};
  if (name !== undefined && name !== "" && name !== place.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${place.name})`);
  const about = groupResourceOf(place.resource);
  if (uid && uid !== old.metadata.uid) throw conflict(about, place.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ""}`);
  checkRevision(place, resourceVersion, old);
  const replicas = scaled.spec?.replicas ?? 0;
  const causes = nonNegative("spec.replicas", replicas);
  if (causes.length > 0) throw invalid({ group: "autoscaling", kind: "Scale" }, place.name, causes);
  set(replicas);
}

function scaleOf(rules: ScaleLike<KubeObject>, obj: KubeObject): Scale & KubeObject {
  const { spec, status, selector } = rules.replicas(obj);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = obj.metadata;
  const metadata = { name, ...(namespace && { namespace }), ...(uid && { uid }), ...(resourceVersion && { resourceVersion }), ...(creationTimestamp && { creationTimestamp }) };
  return {
    kind: "Scale", apiVersion: "autoscaling/v1", metadata,
    spec: spec === 0 ? {} : { replicas: spec },
    status: { replicas: status, ...(selector !== "" && { selector }) },
  };
}
