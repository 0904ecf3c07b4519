import { goDuration } from "#apimachinery/go-duration.ts";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { messageOf } from "#base/error-message.ts";
import type { EventRecorder } from "#client/events.ts";
import type { AuthConfig, Image, PodSandboxConfig } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { Backoff } from "../backoff.ts";
import { fieldPathOf, type PodContainer } from "../containers/containers.ts";
import { withTag } from "./image-reference.ts";
import { about, uidOf } from "../names.ts";
import { StartError } from "../containers/start-error.ts";

export interface PullOptions {
  readonly sandbox?: PodSandboxConfig;
  readonly signal: AbortSignal;
  /** Asked for only when something is pulled. */
  readonly auth: () => Promise<readonly AuthConfig[]>;
}

/** An image that a container or a volume of a pod asks for. */
export interface WantedImage {
  readonly reference: string;
  readonly policy: Container["imagePullPolicy"];
  /** Of the container, as events name it. */
  readonly fieldPath: string | undefined;
  /** Pulls of one image for one owner are one pull. */
  readonly owner: string;
}

/** What a container wants of an image, and when it wants it pulled. */
export const imageOf = (c: PodContainer): WantedImage => ({
  reference: c.container.image ?? "",
  policy: c.container.imagePullPolicy,
  fieldPath: fieldPathOf(c),
  owner: `container ${c.container.name}`,
});

/** Makes the images of containers be there, one pull at a time. Upstream: pkg/kubelet/images/image_manager.go EnsureImageExists */
export class Images {
  readonly #runtime: Runtime;
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  /** The last failures, by pod and image. */
  readonly #failures = new Map<string, { readonly at: number; readonly message: string }>();
  readonly #pulling = new Map<string, Promise<Image>>();
  /** The tail of the queue of pulls. */
  #pulls: Promise<unknown> = Promise.resolve();

  constructor(runtime: Runtime, events: EventRecorder, clock: Clock) {
    this.#runtime = runtime;
    this.#events = events;
    this.#clock = clock;
    this.#backoff = new Backoff(clock);
  }

  /** The image as the runtime has it. Throws `StartError` when it is not there and cannot be got now. */
  async ensure(pod: Pod, wanted: WantedImage, options: PullOptions): Promise<Image> {
    const name = wanted.reference;
    const tagged = withTag(name);
    if (tagged === undefined)
      throw this.#fail(
        pod,
        wanted,
        "InvalidImageName",
        "InspectFailed",
        `Failed to apply default image tag "${name}": couldn't parse image name "${name}": invalid reference format`,
      );
    const present = await this.#find(pod, wanted, tagged);
    const policy = wanted.policy ?? (tagged.endsWith(":latest") ? "Always" : "IfNotPresent");
    if (present !== undefined && policy !== "Always") {
      this.#say(pod, wanted, "Normal", "Pulled", `Container image "${name}" already present on machine and can be accessed by the pod`);
      return present;
    }
    if (policy === "Never")
      throw this.#fail(pod, wanted, "ErrImageNeverPull", "ErrImageNeverPull", `Container image "${name}" is not present with pull policy of Never`);
    const key = `${uidOf(pod)}_${tagged}`;
    const pullKey = `${key}_${wanted.owner}`;
    const pulling = this.#pulling.get(pullKey);
    if (pulling !== undefined) return pulling; // of a sync before that gave up for another reason
    this.#refuseInBackoff(pod, wanted, key, name);
    const asked = this.#clock.now();
    const pull = this.#queue(() => this.#pull(pod, wanted, tagged, key, options, asked)).finally(() => this.#pulling.delete(pullKey));
    this.#pulling.set(pullKey, pull);
    return pull;
  }

  /** Forgets failures that nobody has come back to. */
  prune(): void {
    this.#backoff.prune();
    for (const key of this.#failures.keys()) if (this.#backoff.waitMs(key) === 0) this.#failures.delete(key);
  }

  async #find(pod: Pod, wanted: WantedImage, image: string): Promise<Image | undefined> {
    try {
      return (await this.#runtime.images.imageStatus({ image: { image } })).image;
    } catch (err) {
      throw this.#fail(pod, wanted, "ImageInspectError", "InspectFailed", `Failed to inspect image "${image}": ${messageOf(err)}`);
    }
  }

  #refuseInBackoff(pod: Pod, wanted: WantedImage, key: string, name: string): void {
    const failure = this.#failures.get(key);
    const until = this.#backoff.blockedUntil(key, failure?.at ?? 0);
    if (until === undefined) return;
    const message = `Back-off pulling image "${name}"`;
    this.#say(pod, wanted, "Normal", "BackOff", message);
    throw new StartError("ImagePullBackOff", `${message}: ErrImagePull: ${failure?.message ?? ""}`, { notBefore: until });
  }

  async #pull(pod: Pod, wanted: WantedImage, image: string, key: string, options: PullOptions, asked: number): Promise<Image> {
    options.signal.throwIfAborted();
    const name = wanted.reference;
    this.#say(pod, wanted, "Normal", "Pulling", `Pulling image "${name}"`);
    const began = this.#clock.now();
    try {
      await this.#withAny(await options.auth(), image, options);
    } catch (err) {
      options.signal.throwIfAborted();
      const message = messageOf(err);
      const now = this.#clock.now();
      this.#backoff.next(key, now);
      this.#failures.set(key, { at: now, message });
      this.#say(pod, wanted, "Warning", "Failed", `Failed to pull image "${name}": ${message}`);
      throw new StartError("ErrImagePull", message, { cause: err, notBefore: now + 1_000 });
    }
    this.#failures.delete(key);
    const pulled = (await this.#runtime.images.imageStatus({ image: { image } })).image;
    if (pulled === undefined) throw new StartError("ErrImagePull", `image "${name}" vanished after it was pulled`);
    const now = this.#clock.now();
    this.#say(
      pod,
      wanted,
      "Normal",
      "Pulled",
      `Successfully pulled image "${name}" in ${goDuration(now - began)} (${goDuration(now - asked)} including waiting). Image size: ${pulled.size ?? "0"} bytes.`,
    );
    return pulled;
  }

  async #withAny(auths: readonly AuthConfig[], image: string, { sandbox, signal }: PullOptions): Promise<void> {
    const tries = auths.length === 0 ? [undefined] : auths;
    let last: unknown;
    for (const auth of tries) {
      try {
        await this.#runtime.images.pullImage(
          { image: { image }, ...(auth !== undefined && { auth }), ...(sandbox !== undefined && { sandboxConfig: sandbox }) },
          { signal },
        );
        return;
      } catch (err) {
        last = err;
      }
    }
    throw last;
  }

  /** One at a time. Upstream: serializeImagePulls */
  #queue<T>(pull: () => Promise<T>): Promise<T> {
    const result = this.#pulls.then(pull);
    this.#pulls = result.catch(() => {});
    return result;
  }

  #fail(
    pod: Pod,
    wanted: WantedImage,
    reason: "InvalidImageName" | "ErrImageNeverPull" | "ImageInspectError",
    event: string,
    message: string,
  ): StartError {
    this.#say(pod, wanted, "Warning", event, message);
    return new StartError(reason, message);
  }

  #say(pod: Pod, wanted: WantedImage, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#events.event(about(pod), type, reason, message, wanted.fieldPath === undefined ? {} : { fieldPath: wanted.fieldPath });
  }
}
