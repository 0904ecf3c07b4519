/** Tells who asks at the node itself, such as an exporter of a device's metrics, which pods have what. Upstream: pkg/kubelet/apis/podresources */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Pod } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { untilAborted, type Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import { load } from "#base/grpc/channel.ts";
import { GrpcError } from "#base/grpc/errors.ts";
import { serveUnix } from "#base/grpc/server.ts";
import type { Logger } from "#base/log.ts";
import { TokenBucket } from "#base/token-bucket.ts";
import type { PodDevices } from "../devices/device-manager.ts";
import type { PodClaims } from "../dra/dra-manager.ts";
import type { KubeletMetrics } from "../metrics.ts";
import { namespaceOf } from "../names.ts";
import { containerDevices, podResources } from "./answers.ts";
import descriptor from "./gen/pod-resources-v1.descriptor.json" with { type: "json" };
import type { PodResourcesListerCalls } from "./gen/pod-resources-v1.ts";
import { PodResourcesMetrics, type Call } from "./metrics.ts";

export interface PodResourcesDeps {
  /** Holds the socket. */
  readonly dir: string;
  /** The pods that are let in and not about to end. */
  readonly pods: () => readonly Pod[];
  readonly devices: Pick<PodDevices, "of" | "well">;
  readonly claims: Pick<PodClaims, "of">;
  readonly metrics: Pick<KubeletMetrics, "registry">;
  readonly clock: Clock;
  readonly log: Logger;
}

const service = "v1.PodResourcesLister";
/** Upstream: pkg/kubelet/apis/podresources/grpc DefaultQPS, DefaultBurstTokens */
const rate = { burst: 10, perSecond: 100 };

export function podResourcesServer(deps: PodResourcesDeps): Component {
  return {
    name: "pod resources",
    async run(signal) {
      const { dir, log } = deps;
      try {
        await mkdir(dir, { recursive: true, mode: 0o750 });
        const stop = await serveUnix<PodResourcesListerCalls>(join(dir, "kubelet.sock"), load(descriptor), service, answers(deps));
        await untilAborted(signal);
        await stop();
      } catch (err) {
        log.warn({ err: messageOf(err), dir }, "pod resources are not told");
        await untilAborted(signal);
      }
    },
  };
}

function answers({ pods, devices, claims, metrics, clock }: PodResourcesDeps): Parameters<typeof serveUnix<PodResourcesListerCalls>>[3] {
  const requests = new TokenBucket(clock, rate);
  const told = new PodResourcesMetrics(metrics.registry);
  const counted = <Request, Response>(call: Call, answer: (request: Request) => Response) => (request: Request): Response => {
    if (!requests.take()) throw new GrpcError("ResourceExhausted", "rejected by rate limit");
    return told.count(call, () => answer(request));
  };
  return {
    list: counted("list", () => ({ podResources: pods().map((pod) => podResources(pod, devices, claims)) })),
    getAllocatableResources: counted("get_allocatable", () => ({ devices: containerDevices(devices.well()) })),
    get: counted("get", ({ podName = "", podNamespace = "" }) => {
      const pod = pods().find((each) => each.metadata.name === podName && namespaceOf(each) === podNamespace);
      if (pod === undefined) throw new Error(`pod ${podName} in namespace ${podNamespace} not found`);
      return { podResources: podResources(pod, devices, claims) };
    }),
  };
}
