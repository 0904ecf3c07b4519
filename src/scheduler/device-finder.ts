import type { DeviceClass, ResourceSlice } from "#api/gen/resource-v1.ts";
import type { Informer, Lister } from "#client/lister.ts";
import type { Allocated } from "./dra/allocated.ts";
import { Allocator } from "./dra/allocator.ts";
import { Pools } from "./dra/pools.ts";
import { Selectors } from "./dra/selectors.ts";
import { classesByResource } from "./extended-resources.ts";

/** The devices that drivers publish, and what they are called; worked out when they are looked at after a change. */
export class DeviceFinder {
  readonly classes: Lister<DeviceClass>;
  readonly #slices: Lister<ResourceSlice>;
  readonly #selectors = new Selectors();
  readonly #newShareId: () => string;
  #pools: Pools | undefined;
  #byResource: ReadonlyMap<string, DeviceClass> | undefined;

  /** @param newShareId names a part of a shared device */
  constructor(slices: Informer<ResourceSlice>, classes: Informer<DeviceClass>, newShareId: () => string) {
    this.classes = classes;
    this.#slices = slices;
    this.#newShareId = newShareId;
    slices.onChange(() => { this.#pools = undefined; });
    classes.onChange(() => { this.#byResource = undefined; });
  }

  /** The class whose devices stand for an extended resource, by its name. */
  get byResource(): ReadonlyMap<string, DeviceClass> {
    return (this.#byResource ??= classesByResource(this.classes.list()));
  }

  /** For one pod, in one cycle. */
  allocator(allocated: Allocated): Allocator {
    this.#pools ??= new Pools(this.#slices.list());
    return new Allocator({ classOf: (name) => this.classes.get(name), pools: this.#pools, allocated, selectors: this.#selectors, newShareId: this.#newShareId });
  }
}
