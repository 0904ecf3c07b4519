import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Informer } from "#client/lister.ts";
import { Allocated } from "./dra/allocated.ts";

/**
 * The claims as the scheduler must see them: as the API server shows them, as it answered before it showed them, and
 * with what is promised but not written yet. Upstream: dynamicresources dra_manager.go claimTracker
 */
export class ResourceClaims {
  /** What all of them have. */
  readonly allocated: Allocated = new Allocated();
  readonly #informer: Informer<ResourceClaim>;
  /** Answers that the informer has not caught up with. */
  readonly #answers = new Map<string, ResourceClaim>();
  /** Claims with the devices that were chosen for them, until these are written or not wanted. */
  readonly #promised = new Map<string, ResourceClaim>();
  /** The version of each that `allocated` counts. */
  readonly #counted = new Map<string, ResourceClaim>();

  constructor(informer: Informer<ResourceClaim>) {
    this.#informer = informer;
    informer.onChange(({ old, object }) => this.#seen(keyOf(object ?? old as ResourceClaim), object));
  }

  /** Without what is only promised. */
  get(key: string): ResourceClaim | undefined {
    return this.#answers.get(key) ?? this.#informer.get(key);
  }

  list(namespace: string): readonly ResourceClaim[] {
    return this.#informer.list(namespace).map((claim) => this.#answers.get(keyOf(claim)) ?? claim);
  }

  /** Whether devices were chosen for it for some pod, and the API server does not know yet. */
  isPromised(key: string): boolean {
    return this.#promised.has(key);
  }

  promise(claim: ResourceClaim): void {
    this.#promised.set(keyOf(claim), claim);
    this.#count(keyOf(claim));
  }

  takeBack(key: string): void {
    if (this.#promised.delete(key)) this.#count(key);
  }

  /** The API server has answered with this. */
  answered(claim: ResourceClaim): void {
    const key = keyOf(claim);
    this.#promised.delete(key);
    const seen = this.#informer.get(key);
    const isAhead = versionOf(claim) > (seen === undefined ? Number(this.#informer.resourceVersion) : versionOf(seen)); // else it is gone already, or known
    if (isAhead) this.#answers.set(key, claim);
    this.#count(key);
  }

  /** Calls on every change of a claim, however it came about. Returns how to stop. */
  onChange(handler: () => void): () => void {
    return this.#informer.onChange(handler);
  }

  #seen(key: string, claim: ResourceClaim | undefined): void {
    const answer = this.#answers.get(key);
    if (answer !== undefined && (claim === undefined || versionOf(claim) >= versionOf(answer))) this.#answers.delete(key);
    if (claim?.status.allocation !== undefined) this.#promised.delete(key); // seen before the answer arrived
    this.#count(key);
  }

  #count(key: string): void {
    const before = this.#counted.get(key);
    const now = this.#promised.get(key) ?? this.get(key);
    if (now === before) return;
    if (before !== undefined) this.allocated.remove(before);
    if (now?.status.allocation === undefined) this.#counted.delete(key);
    else {
      this.allocated.add(now);
      this.#counted.set(key, now);
    }
  }
}

const versionOf = ({ metadata }: ResourceClaim): number => Number(metadata.resourceVersion ?? 0);
