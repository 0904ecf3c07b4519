import type { TokenRequest } from "#api/gen/authentication-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { serviceAccounts } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import type { Client } from "#client/client.ts";
import { namespaceOf, uidOf } from "../names.ts";

export interface BoundToken {
  readonly token: string;
  readonly expirationTimestamp: string;
}
interface Entry extends BoundToken {
  readonly renewAt: number;
}

/** Upstream: pkg/kubelet/token/token_manager.go: at 80 % of its life, and no later than a day */
const renewShare = 0.8;
const maxAgeMs = 24 * 3_600_000;

/** Service account tokens bound to pods, kept until it is time for a new one. */
export class Tokens {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #asking = new Map<string, Promise<BoundToken>>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** @param audience the API server's own when undefined. Rejects with `StatusError`. */
  async get(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<string> {
    return (await this.bound(pod, audience, expirationSeconds)).token;
  }

  /** The same, with its end. */
  async bound(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<BoundToken> {
    const key = JSON.stringify([uidOf(pod), pod.spec.serviceAccountName, audience, expirationSeconds]);
    const known = this.#entries.get(key);
    if (known !== undefined && this.#clock.now() < known.renewAt) return { token: known.token, expirationTimestamp: known.expirationTimestamp };
    const asking = this.#asking.get(key) ?? this.#ask(key, pod, audience, expirationSeconds).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(key: string, pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<BoundToken> {
    const account = pod.spec.serviceAccountName || "default";
    const request: TokenRequest = {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name: "" },
      status: {},
      spec: {
        ...(audience !== undefined && audience !== "" && { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { kind: "Pod", apiVersion: "v1", name: pod.metadata.name, uid: uidOf(pod) },
      },
    };
    const { status } = await this.#client.resource(serviceAccounts).createSubresource<TokenRequest>(account, namespaceOf(pod), "token", request);
    const now = this.#clock.now();
    const lifeMs = Date.parse(status.expirationTimestamp ?? "") - now;
    const { token = "", expirationTimestamp = "" } = status;
    for (const [old, { renewAt }] of this.#entries) if (renewAt < now) this.#entries.delete(old); // nobody has asked for it for long
    this.#entries.set(key, { token, expirationTimestamp, renewAt: now + Math.min(maxAgeMs, (Number.isNaN(lifeMs) ? expirationSeconds * 1_000 : lifeMs) * renewShare) });
    return { token, expirationTimestamp };
  }
}
