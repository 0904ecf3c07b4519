import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import type { PersistentVolume, PersistentVolumeSpec, Pod, SecretReference } from "#api/gen/core-v1.ts";
import type { ResourceSlice } from "#api/gen/resource-v1.ts";
import type { VolumeAttachment } from "#api/gen/storage-v1.ts";
import { referencesOf } from "#api/pod-references.ts";
import { isMirrorPod } from "#api/pod.ts";
import { resourceClaimKeysOf } from "#api/resource-claim.ts";
import { persistentVolumes, podCertificateRequests, pods, resourceSlices, volumeAttachments } from "#api/resources.ts";
import type { Feed } from "../../cacher/feed.ts";
import { Edges, type Edge } from "./edges.ts";

/** `kind` is lower case: `secret`. */
const vertex = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;
const nodeVertex = (name: string): string => vertex("node", "", name);

/** node ← pod ← secret, config map, claim, account; claim ← volume ← secret; node ← attachment, slice, certificate request. Upstream: plugin/pkg/auth/authorizer/node graph.go */
export class NodeGraph {
  readonly #edges: readonly Pick<Edges<never>, "has" | "from">[];

  constructor(feed: Feed) {
    this.#edges = [new Edges(feed, pods, podEdges), new Edges(feed, persistentVolumes, volumeEdges), new Edges(feed, volumeAttachments, attachmentEdges), new Edges(feed, resourceSlices, sliceEdges), new Edges(feed, podCertificateRequests, requestEdges)];
  }

  /** True when there is a way from the object to the node. */
  reaches(node: string, kind: string, namespace: string, name: string): boolean {
    return this.#leads(vertex(kind, namespace, name), nodeVertex(node));
  }

  #leads(from: string, to: string): boolean {
    return this.#edges.some((edges) => edges.has(from, to)) || this.#edges.some((edges) => [...edges.from(from)].some((next) => !next.startsWith("node ") && this.#leads(next, to)));
  }
}

/** Upstream: plugin/pkg/auth/authorizer/node/graph.go AddPod. All lead straight to the node, so that a walk is short. */
function* podEdges(pod: Pod): Generator<Edge> {
  const node = pod.spec.nodeName ?? "";
  if (node === "") return;
  const { namespace = "", name } = pod.metadata;
  const edge = (kind: string, other: string): Edge => [vertex(kind, namespace, other), nodeVertex(node)];
  yield edge("pod", name);
  if (isMirrorPod(pod)) return; // a node must not give itself a view of other objects
  if (pod.spec.serviceAccountName) yield edge("serviceaccount", pod.spec.serviceAccountName);
  const { secrets, configMaps, claims } = referencesOf(pod);
  for (const secret of secrets) yield edge("secret", secret);
  for (const configMap of configMaps) yield edge("configmap", configMap);
  for (const claim of claims) yield edge("persistentvolumeclaim", claim);
  for (const key of resourceClaimKeysOf(pod)) yield [`resourceclaim ${key}`, nodeVertex(node)]; // what a template makes is known once it is made
}

/** Upstream: plugin/pkg/auth/authorizer/node/graph.go AddPV */
function* volumeEdges({ metadata, spec }: PersistentVolume): Generator<Edge> {
  if (spec.claimRef === undefined) return;
  const { namespace = "", name = "" } = spec.claimRef;
  const volume = vertex("persistentvolume", "", metadata.name);
  yield [volume, vertex("persistentvolumeclaim", namespace, name)];
  for (const secret of nodeSecrets(spec)) if (secret?.name) yield [vertex("secret", secret.namespace || namespace, secret.name), volume];
}

/** The secrets of a volume that its node must read, not those of controllers. Upstream: pkg/api/v1/persistentvolume VisitPVSecretNames */
function nodeSecrets(spec: PersistentVolumeSpec): readonly (SecretReference | undefined)[] {
  const { csi, azureFile } = spec;
  return [
    csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef,
    azureFile && { name: azureFile.secretName, ...(azureFile.secretNamespace && { namespace: azureFile.secretNamespace }) },
    spec.cephfs?.secretRef, spec.cinder?.secretRef, spec.flexVolume?.secretRef, spec.rbd?.secretRef, spec.scaleIO?.secretRef, spec.iscsi?.secretRef, spec.storageos?.secretRef,
  ];
}

function* attachmentEdges({ metadata, spec }: VolumeAttachment): Generator<Edge> {
  yield [vertex("volumeattachment", "", metadata.name), nodeVertex(spec.nodeName)];
}

function* sliceEdges({ metadata, spec }: ResourceSlice): Generator<Edge> {
  if (spec.nodeName) yield [vertex("resourceslice", "", metadata.name), nodeVertex(spec.nodeName)];
}

function* requestEdges({ metadata: { name, namespace = "" }, spec }: PodCertificateRequest): Generator<Edge> {
  yield [vertex("podcertificaterequest", namespace, name), nodeVertex(spec.nodeName)];
}
