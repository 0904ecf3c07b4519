/** Removes images that nobody uses when their disk fills up. Upstream: pkg/kubelet/images/image_gc_manager.go */
import { parseDuration } from "#apimachinery/go-duration.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import type { Image } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import type { Observation } from "../eviction/signals.ts";
import { bytesToFree, mayGo, oldestFirst, tooOld, type ImageRecord } from "./image-gc-rules.ts";
import type { KubeletSettings } from "../settings/settings.ts";

const everyMs = 300_000;

export interface ImageGcDeps {
  readonly runtime: Runtime;
  readonly settings: Pick<KubeletSettings, "imageGCHighThresholdPercent" | "imageGCLowThresholdPercent" | "imageMinimumGCAge" | "imageMaximumGCAge">;
  /** Of the file system that holds the images; undefined when nobody knows. */
  readonly space: () => Promise<Observation | undefined>;
  /** Of pods' volumes: no container holds these. */
  readonly volumeImages: () => readonly string[];
  /** A warning event about the node. */
  readonly say: (reason: string, message: string) => void;
  readonly removed: (reason: "age" | "space") => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export class ImageGc implements Component {
  readonly name = "image garbage collection";
  readonly #deps: ImageGcDeps;
  readonly #leastAgeMs: number;
  readonly #mostAgeMs: number;
  readonly #records = new Map<string, ImageRecord>();
  #looked = false;

  constructor(deps: ImageGcDeps) {
    this.#deps = deps;
    this.#leastAgeMs = parseDuration(deps.settings.imageMinimumGCAge) ?? 0;
    this.#mostAgeMs = parseDuration(deps.settings.imageMaximumGCAge) ?? 0;
  }

  run = (signal: AbortSignal): Promise<void> =>
    loop(signal, async () => {
      await this.collect().catch((err: unknown) => this.#deps.log.warn({ err: messageOf(err) }, "images not looked at"));
      await this.#deps.clock.sleep(everyMs, signal);
    });

  /** One look: what is too old goes, and where the disk is fuller than the high mark, enough to come below the low one. */
  async collect(): Promise<void> {
    const { space, settings, say, removed } = this.#deps;
    const images = await this.#detect();
    if (this.#mostAgeMs > 0) await this.#remove(images.filter((image) => tooOld(image, this.#mostAgeMs, this.#deps.clock.now())), Infinity, () => removed("age"));
    const seen = await space();
    const wanted = seen === undefined ? 0 : bytesToFree(seen, settings.imageGCHighThresholdPercent, settings.imageGCLowThresholdPercent);
    if (wanted <= 0) return;
    const freed = await this.#remove(images, wanted, () => removed("space"));
    if (freed < wanted)
      say("FreeDiskSpaceFailed", `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`);
  }

  /** The node is in need: all that nobody uses goes. */
  async removeUnused(): Promise<void> {
    await this.#remove(await this.#detect(), Infinity, () => this.#deps.removed("space"));
  }

  /** The images that are there, each with when it was first and last of use. Those that are there at the beginning count as old. */
  async #detect(): Promise<ImageRecord[]> {
    const { runtime, clock } = this.#deps;
    const [{ images = [] }, { containers = [] }] = await Promise.all([runtime.images.listImages({}), runtime.listContainers({})]);
    const volumes = await Promise.all(this.#deps.volumeImages().map((image) => runtime.images.imageStatus({ image: { image } })));
    const used = new Set([...containers.flatMap(({ imageRef = "", image }) => [imageRef, image?.image ?? ""]), ...volumes.flatMap(({ image }) => image?.id ?? [])]);
    const now = clock.now();
    const known = new Map(this.#records);
    this.#records.clear();
    for (const image of images) {
      const old = known.get(image.id ?? "");
      const inUse = namesOf(image).some((name) => used.has(name));
      this.#records.set(image.id ?? "", { image, firstSeen: old?.firstSeen ?? (this.#looked ? now : 0), lastUsed: inUse ? now : (old?.lastUsed ?? 0), inUse });
    }
    this.#looked = true;
    return [...this.#records.values()];
  }

  /** Removes images until so many bytes are free; returns how many are. */
  async #remove(records: readonly ImageRecord[], bytes: number, removed: () => void): Promise<number> {
    const { runtime, clock, log } = this.#deps;
    let freed = 0;
    for (const { image } of oldestFirst(records.filter((record) => mayGo(record, this.#leastAgeMs, clock.now())))) {
      if (freed >= bytes) break;
      try {
        await runtime.images.removeImage({ image: { image: image.id ?? "" } });
        this.#records.delete(image.id ?? "");
        freed += Number(image.size ?? 0);
        removed();
        log.info({ image: namesOf(image)[1] ?? image.id, bytes: image.size }, "image removed, nobody uses it");
      } catch (err) {
        log.warn({ err: messageOf(err), image: image.id }, "image not removed");
      }
    }
    return freed;
  }
}

const namesOf = ({ id = "", repoTags = [], repoDigests = [] }: Image): string[] => [id, ...repoTags, ...repoDigests];
