import type { Secret } from "#api/gen/core-v1.ts";
import { dayOf, lastUsedLabel } from "#api/legacy-token.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import { system } from "../crd/system-writes.ts";
import { secrets } from "../registry/core/secret.ts";
import { update } from "../registry/generic.ts";
import { erase } from "../registry/resource.ts";
import type { StorageDeps } from "../registry/writes.ts";

const resource = erase(secrets);
const dayMs = 86_400_000;

/** Writes on a token's Secret on which day it was used, once a day: so that tokens that nobody uses can go. Upstream: pkg/serviceaccount/legacy.go legacyValidator */
export class LegacyUse {
  readonly #storage: StorageDeps;
  readonly #log: Logger;
  /** Secrets that are being written. */
  readonly #writing = new Set<string>();

  constructor({ storage, log }: { readonly storage: StorageDeps; readonly log: Logger }) {
    this.#storage = storage;
    this.#log = log;
  }

  /** Does not hold up the request; a day that could not be written is written at the next use. */
  note({ metadata: { name, namespace = "", uid = "", labels } }: Secret): void {
    const now = this.#storage.clock.now();
    const day = dayOf(now);
    const said = labels?.[lastUsedLabel];
    if (said === day || said === dayOf(now + dayMs) || this.#writing.has(uid)) return;
    this.#writing.add(uid);
    void this.#write(name, namespace, uid, day).finally(() => this.#writing.delete(uid));
  }

  async #write(name: string, namespace: string, uid: string, day: string): Promise<void> {
    const next = (old: KubeObject | undefined): KubeObject => {
      if (old === undefined || old.metadata.uid !== uid) throw new Error("another Secret has its name now");
      old.metadata.labels = { ...old.metadata.labels, [lastUsedLabel]: day };
      return old;
    };
    try {
      await update(this.#storage, { resource, namespace, name }, { next }, system);
    } catch (err) {
      if (!isStatus(err, "NotFound")) this.#log.warn({ err: messageOf(err), secret: `${namespace}/${name}` }, "the use of a token could not be noted");
    }
  }
}
