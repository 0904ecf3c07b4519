import type { DeviceRequestAllocationResult, ResourceClaim } from "#api/gen/resource-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { idOf } from "./candidate.ts";
import type { Amounts } from "./capacity.ts";

interface Shared { users: number; readonly amounts: Map<string, Quantity> }

/** The devices that claims have, summed up over all claims. Admin access takes nothing away. Upstream: allocateddevices.go, AllocatedState */
export class Allocated {
  readonly #whole = new Map<string, number>();
  readonly #shared = new Map<string, Shared>();

  /** Whether a claim has the whole device. */
  has(id: string): boolean { return this.#whole.has(id); }
  /** What claims have of a shared device; undefined where none has any. */
  amounts(id: string): Amounts | undefined { return this.#shared.get(id)?.amounts; }

  add(claim: ResourceClaim): void { for (const result of resultsOf(claim)) this.#count(result, 1); }
  remove(claim: ResourceClaim): void { for (const result of resultsOf(claim)) this.#count(result, -1); }

  #count(result: DeviceRequestAllocationResult, sign: 1 | -1): void {
    if (result.shareID !== undefined) return this.#share(result, sign);
    const id = idOf(result);
    const users = (this.#whole.get(id) ?? 0) + sign;
    if (users > 0) this.#whole.set(id, users);
    else this.#whole.delete(id);
  }

  #share(result: DeviceRequestAllocationResult, sign: 1 | -1): void {
    const id = idOf(result);
    const shared = this.#shared.get(id) ?? { users: 0, amounts: new Map<string, Quantity>() };
    shared.users += sign;
    for (const [name, amount] of Object.entries(result.consumedCapacity ?? {})) {
      const before = shared.amounts.get(name) ?? Quantity.zero;
      shared.amounts.set(name, sign > 0 ? before.add(Quantity.parse(amount)) : before.sub(Quantity.parse(amount)));
    }
    if (shared.users > 0) this.#shared.set(id, shared);
    else this.#shared.delete(id);
  }
}

const resultsOf = ({ status }: ResourceClaim): readonly DeviceRequestAllocationResult[] => (status.allocation?.devices?.results ?? []).filter(({ adminAccess }) => adminAccess !== true);
