import { isStatus } from "#apimachinery/status.ts";
import type { Lease } from "#api/gen/coordination-v1.ts";
import type { ObjectMeta } from "#api/gen/meta-v1.ts";
import { leases } from "#api/resources.ts";
import { microTimestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";

const namespace = "kube-node-lease";
const renewMs = 10_000;
const retryMs = 1_000;
const durationSeconds = 40;

/** The node's heartbeat: a Lease renewed every 10 s. Upstream: component-helpers/apimachinery/lease */
export class NodeLease implements Component {
  readonly name = "node lease";
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #nodeName: string;
  readonly #nodeUid: () => string | undefined;
  #last: Lease | undefined;

  /** @param nodeUid of the registered Node, for the lease's owner */
  constructor(deps: {
    readonly client: Client;
    readonly clock: Clock;
    readonly log: Logger;
    readonly nodeName: string;
    readonly nodeUid: () => string | undefined;
  }) {
    this.#client = deps.client;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#nodeName = deps.nodeName;
    this.#nodeUid = deps.nodeUid;
  }

  run = (signal: AbortSignal): Promise<void> =>
    loop(signal, async () => {
      const ok = await this.#renew(signal);
      await this.#clock.sleep(ok ? renewMs : retryMs, signal);
    });

  async #renew(signal: AbortSignal): Promise<boolean> {
    try {
      this.#last = await this.#write(signal);
      return true;
    } catch (err) {
      this.#last = undefined;
      if (!signal.aborted && !isStatus(err, "Conflict")) this.#log.warn({ err: String(err) }, "node lease not renewed");
      return false;
    }
  }

  async #write(signal: AbortSignal): Promise<Lease> {
    const client = this.#client.resource(leases);
    const renewTime = microTimestamp(this.#clock.now());
    const known =
      this.#last ??
      (await client.get(this.#nodeName, namespace, signal).catch((err: unknown) => {
        if (isStatus(err, "NotFound")) return undefined;
        throw err;
      }));
    const spec = { holderIdentity: this.#nodeName, leaseDurationSeconds: durationSeconds, renewTime };
    if (known !== undefined) return client.update({ ...known, metadata: { ...known.metadata, ...this.#owners(known) }, spec: { ...known.spec, ...spec } }, { signal });
    return client.create({ kind: "Lease", apiVersion: "coordination.k8s.io/v1", metadata: { name: this.#nodeName, namespace, ...this.#owners() }, spec }, { signal });
  }

  /** The first heartbeat may come before the Node is registered: whose Lease it is, is then said with a later one. Upstream: pkg/kubelet/util/nodelease.go SetNodeOwnerFunc */
  #owners(known?: Lease): Pick<ObjectMeta, "ownerReferences"> {
    const uid = this.#nodeUid();
    const owned = (known?.metadata.ownerReferences ?? []).length > 0;
    return owned || uid === undefined ? {} : { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: this.#nodeName, uid }] };
  }
}
