import type { HttpResponse } from "#base/http.ts";
import type { Binding, Pod } from "#api/gen/core-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest, conflict, invalid, type Cause } from "#apimachinery/status.ts";
import { notSupported, required } from "#apimachinery/validation/causes.ts";
import { timestamp } from "#apimachinery/time.ts";
import { jsonResponse } from "../filters/responses.ts";
import { update } from "../registry/generic.ts";
import type { Place } from "../registry/writes.ts";
import { readObject, type BodyKind } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { writeOptions } from "./options.ts";

const kind: BodyKind = { group: "", version: "v1", kind: "Binding", schema: "core/v1.Binding" };
const podResource = { group: "", resource: "pods/binding" };

/** POST of `pods/<name>/binding`, or of `bindings`: the scheduler's decision. Upstream: pkg/registry/core/pod/storage BindingREST */
export async function bind(call: Call): Promise<HttpResponse> {
  const { ctx, deps, target } = call;
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "CreateOptions");
  const binding = await readObject<Binding & KubeObject>(ctx, kind, fieldValidation);
  const named = target.resource === "pods";
  if (named && binding.metadata.name !== target.name) throw badRequest("name in URL does not match name in Binding object");
  const name = named ? target.name : binding.metadata.name;
  const causes = causesOf(binding);
  if (causes.length > 0) throw invalid({ group: "", kind: "Binding" }, name, causes);
  const place: Place = { ...call.place, resource: podsOf(call), name };
  await update(deps.storage, place, {
    subresource: { name: "binding", write: { type: "write", prepareUpdate: () => {} } },
    ownership: "kept",
    next: (old) => assign(old as Pod & KubeObject, binding, timestamp(deps.clock.now())),
  }, writerOf(call, dryRun));
  return jsonResponse(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
}

/** Upstream: validation.ValidatePodBinding */
function causesOf({ target }: Binding): Cause[] {
  const causes: Cause[] = [];
  if (target.kind !== undefined && target.kind !== "" && target.kind !== "Node") causes.push(notSupported("target.kind", target.kind, ["Node", "<empty>"]));
  if (!target.name) causes.push(required("target.name"));
  return causes;
}

/** Upstream: BindingREST setPodHostAndAnnotations */
function assign(pod: Pod & KubeObject, binding: Binding & KubeObject, now: string): KubeObject {
  const { uid, resourceVersion } = binding.metadata;
  const name = pod.metadata.name;
  if (uid && uid !== pod.metadata.uid) throw conflict(podResource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid ?? ""}`);
  if (resourceVersion && resourceVersion !== pod.metadata.resourceVersion) throw conflict(podResource, name, `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion ?? ""}`);
  if (pod.metadata.deletionTimestamp !== undefined) throw conflict(podResource, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw conflict(podResource, name, `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if ((pod.spec.schedulingGates ?? []).length > 0) throw conflict(podResource, name, `pod ${name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = binding.target.name ?? "";
  if (binding.metadata.annotations !== undefined) pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  const conditions = (pod.status.conditions ?? []).filter((c) => c.type !== "PodScheduled");
  pod.status.conditions = [...conditions, { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: now } as never];
  return pod;
}

function podsOf({ deps, place }: Call): Place["resource"] {
  const resource = deps.registry.find("", "v1", "pods");
  return resource ?? place.resource;
}
