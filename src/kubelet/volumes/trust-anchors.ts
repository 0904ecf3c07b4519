import { createHash } from "node:crypto";
import type { ClusterTrustBundle } from "#api/gen/certificates-v1beta1.ts";
import type { ClusterTrustBundleProjection } from "#api/gen/core-v1.ts";
import { clusterTrustBundles } from "#api/resources.ts";
import { labelSelectorOf } from "#apimachinery/label-selector.ts";
import { notFound } from "#apimachinery/status.ts";
import { pemBlocks, pemText } from "#base/pem.ts";
import type { Clock } from "#base/clock.ts";
import type { Informer, Informers } from "#client/lister.ts";
import { syncedInTime } from "../informer-wait.ts";

const longestSelector = 100 * 1024;
/** The first list takes no longer where there is something to list. */
const firstListMs = 5_000;
const clusterTrustBundle = { group: "certificates.k8s.io", resource: "clustertrustbundle" };

/**
 * What ClusterTrustBundles hold, for volumes: each anchor once, in an order that depends on nothing but the anchors.
 * Bundles are followed from the moment when a pod first asks for one. Upstream: pkg/kubelet/clustertrustbundle
 */
export class TrustAnchors {
  readonly #informers: Informers;
  readonly #clock: Clock;
  readonly #known = new WeakMap<ClusterTrustBundle, readonly Anchor[]>();

  constructor(informers: Informers, clock: Clock) {
    this.#informers = informers;
    this.#clock = clock;
  }

  /** PEM. Throws with upstream's words when there is no such bundle, unless that is allowed. */
  async of(projection: ClusterTrustBundleProjection, signal: AbortSignal): Promise<string> {
    const bundles = this.#informers.for(clusterTrustBundles);
    if (!await syncedInTime(bundles, { clock: this.#clock, ms: firstListMs, signal })) throw new Error("ClusterTrustBundle informer has not yet synced");
    const anchors = new Map(selected(projection, bundles).flatMap((bundle) => this.#anchorsOf(bundle)).map((anchor) => [anchor.digest, anchor]));
    return [...anchors.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1)).map(({ pem }) => pem).join("");
  }

  #anchorsOf(bundle: ClusterTrustBundle): readonly Anchor[] {
    const anchors = this.#known.get(bundle) ?? pemBlocks(bundle.spec.trustBundle).map(({ bytes }) => ({ digest: createHash("sha256").update(bytes).digest("hex"), pem: pemText("CERTIFICATE", bytes) }));
    this.#known.set(bundle, anchors);
    return anchors;
  }
}

interface Anchor { readonly digest: string; readonly pem: string }

function selected(projection: ClusterTrustBundleProjection, bundles: Informer<ClusterTrustBundle>): readonly ClusterTrustBundle[] {
  const { name, signerName, labelSelector, optional = false } = projection;
  if (name !== undefined) {
    const found = bundles.get(name);
    if (found === undefined && !optional) throw new Error(`while getting ClusterTrustBundle: ${notFound(clusterTrustBundle, name).message}`);
    return found === undefined ? [] : [found];
  }
  if (signerName === undefined) throw new Error("ClusterTrustBundle projection requires either name or signerName to be set");
  const selector = labelSelectorOf(labelSelector);
  const length = Buffer.byteLength(selector.toString());
  if (length > longestSelector) throw new Error(`label selector length (${length}) is larger than ${longestSelector}`);
  const found = bundles.list().filter(({ metadata, spec }) => spec.signerName === signerName && selector.matches(metadata.labels));
  if (found.length === 0 && !optional) throw new Error("combination of signerName and labelSelector matched zero ClusterTrustBundles");
  return found;
}
