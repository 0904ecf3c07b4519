/** An image's files on the host, by containerd's snapshotter: for a containerd whose CRI takes no image as a mount (before 2.1). */
import type { Clock } from "#base/clock.ts";
import { Channel, load } from "#base/grpc/channel.ts";
import snapshotsDescriptor from "../gen/containerd-snapshots.descriptor.json" with { type: "json" };
import { RuntimeError, type Runtime } from "../runtime.ts";
import { runtimeError } from "./errors.ts";

/** How to mount something: type, source and options of mount(8). */
export interface HostMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

interface Mounts {
  readonly mounts?: readonly Partial<HostMount>[];
}

/** Views of images, which keep their layers for as long as they are there, whatever becomes of the image. */
export class ImageViews {
  readonly #channel: Channel;
  readonly #snapshots: ReturnType<Channel["unary"]>;
  readonly #images: Pick<Runtime["images"], "imageStatus">;
  readonly #snapshotter: string;
  readonly #clock: Clock;

  /** @param endpoint containerd's socket @param snapshotter the one that CRI's images are unpacked by */
  constructor(endpoint: string, images: Pick<Runtime["images"], "imageStatus">, snapshotter: string, clock: Clock) {
    this.#channel = new Channel(endpoint, { clock, toError: runtimeError, headers: { "containerd-namespace": "k8s.io" } });
    this.#snapshots = this.#channel.unary(load(snapshotsDescriptor), "containerd.services.snapshots.v1.Snapshots");
    this.#images = images;
    this.#snapshotter = snapshotter;
    this.#clock = clock;
  }

  /** How the image's files are mounted. Asking again for a key gives the same view. @param image its id, as CRI says it */
  async view(image: string, key: string): Promise<readonly HostMount[]> {
    const { info } = await this.#images.imageStatus({ image: { image }, verbose: true });
    const parent = chainOf(info?.["info"]);
    if (parent === undefined) throw new RuntimeError("Unknown", `containerd does not tell the layers of image ${image}`);
    const labels = { "containerd.io/gc.root": new Date(this.#clock.now()).toISOString() }; // or its garbage collector takes the view away
    try {
      return mountsOf(await this.#call("view", { key, parent, labels }));
    } catch (err) {
      if (!(err instanceof RuntimeError) || err.code !== "AlreadyExists") throw err;
      return mountsOf(await this.#call("mounts", { key }));
    }
  }

  /** One that is not there is fine. */
  async remove(key: string): Promise<void> {
    try {
      await this.#call("remove", { key });
    } catch (err) {
      if (!(err instanceof RuntimeError) || err.code !== "NotFound") throw err;
    }
  }

  close(): void {
    this.#channel.close();
  }

  async #call(name: "view" | "mounts" | "remove", request: object): Promise<Mounts> {
    return (await this.#snapshots[name]?.({ snapshotter: this.#snapshotter, ...request }, { timeoutMs: callTimeoutMs })) ?? {};
  }
}

const callTimeoutMs = 30_000;

/** The name of an image's last layer with all beneath it. @param info what `ImageStatus` says of itself when asked for more */
function chainOf(info: string | undefined): string | undefined {
  return info === undefined ? undefined : (JSON.parse(info) as { readonly chainID?: string }).chainID;
}

const mountsOf = ({ mounts = [] }: Mounts): HostMount[] => mounts.map(({ type = "", source = "", options = [] }) => ({ type, source, options }));
