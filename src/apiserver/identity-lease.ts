/** Which servers there are: each keeps a Lease of its own in kube-system. Upstream: pkg/controlplane/apiserver/server.go, pkg/controlplane/controller/apiserverleasegc */
import { createHash } from "node:crypto";
import type { Lease } from "#api/gen/coordination-v1.ts";
import { leases } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import { microTimestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";

const namespace = "kube-system";
const component = "apiserver.kubernetes.io/identity";
const labelSelector = `${component}=kube-apiserver`;
const [renewMs, sweepMs, durationSeconds] = [10_000, 3_600_000, 3_600];

export interface IdentityLeaseOptions {
  readonly client: Client; readonly clock: Clock; readonly log: Logger; readonly hostname: string;
  /** The same after a restart, another for each server, e.g. host and data directory. */
  readonly server: string;
  /** Another for each process. */
  readonly process: string;
}

/** `apiserver-` and 128 bits in lower-case base32. Upstream: apiserver/pkg/server/config.go APIServerID */
export function serverId(server: string): string {
  const bits = [...createHash("sha256").update(server).digest().subarray(0, 16)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return `apiserver-${bits.match(/.{1,5}/g)?.map((five) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(five.padEnd(5, "0"), 2)]).join("")}`;
}

/** A lease that its server has not renewed for its whole duration, or that says neither. Upstream: apiserverleasegc isLeaseExpired */
export const isExpired = ({ spec: { renewTime, leaseDurationSeconds: seconds } }: Lease, nowMs: number): boolean =>
  renewTime === undefined || seconds === undefined || Date.parse(renewTime) + seconds * 1000 < nowMs;

/** Renews this server's lease, and each hour removes those of servers that are gone. */
export function identityLease(options: IdentityLeaseOptions): Component {
  const { clock, log } = options;
  return {
    name: "identity-lease",
    async run(signal) {
      let swept = clock.now();
      await loop(signal, async () => {
        try {
          await renew(options);
          if (clock.now() - swept >= sweepMs) {
            await sweep(options);
            swept = clock.now();
          }
        } catch (err) {
          if (!signal.aborted && !isStatus(err, "Conflict")) log.warn({ err: String(err) }, "the server's identity lease was not renewed");
        }
        await clock.sleep(renewMs, signal);
      });
    },
  };
}

async function renew({ client, clock, hostname, server, process }: IdentityLeaseOptions): Promise<void> {
  const all = client.resource(leases);
  const name = serverId(server);
  const spec = { holderIdentity: `${name}_${process}`, leaseDurationSeconds: durationSeconds, renewTime: microTimestamp(clock.now()) };
  const labels = { [component]: "kube-apiserver", "kubernetes.io/hostname": hostname };
  const known = await all.get(name, namespace).catch((err: unknown) => {
    if (isStatus(err, "NotFound")) return undefined;
    throw err;
  });
  if (known === undefined) await all.create({ metadata: { name, namespace, labels }, spec });
  else await all.update({ ...known, metadata: { ...known.metadata, labels: { ...known.metadata.labels, ...labels } }, spec: { ...known.spec, ...spec } });
}

async function sweep({ client, clock }: IdentityLeaseOptions): Promise<void> {
  const { items } = await client.resource(leases).list({ namespace, labelSelector });
  for (const lease of items) {
    if (!isExpired(lease, clock.now())) continue;
    await client.resource(leases).delete(lease.metadata.name, namespace).catch((err: unknown) => {
      if (!isStatus(err, "NotFound")) throw err;
    });
  }
}
