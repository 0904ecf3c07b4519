import { existsSync } from "node:fs";
import { nodes } from "#api/resources.ts";
import type { Node } from "#api/gen/core-v1.ts";
import { steadyClock, systemClock, type Clock } from "#base/clock.ts";
import { runAll, type Component } from "#base/component.ts";
import { newLogger, type Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { newInformers } from "#client/informers.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { findProgram } from "#containerd/programs.ts";
import { runtimeFlaws } from "#containerd/versions.ts";
import { ImageViews } from "#cri/grpc/image-views.ts";
import { CsiDrivers } from "#csi/drivers.ts";
import { newGrpcRuntime } from "#cri/grpc/runtime.ts";
import { snapshotterFor } from "#containerd/host.ts";
import { newKubelet } from "#kubelet/kubelet.ts";
import { settingsWith } from "#kubelet/settings/read-settings.ts";
import { newReviewAuthenticator } from "#kubelet/server/review-authenticator.ts";
import { newReviewAuthorizer } from "#kubelet/server/review-authorizer.ts";
import { newKubeletServer } from "#kubelet/server/server.ts";
import { localPathProvisioner } from "#provisioner/local-path.ts";
import { VolumesInUse } from "#volumes/csi/in-use.ts";
import type { CsiDeps } from "#volumes/csi/staging.ts";
import { volumePlugins } from "#volumes/index.ts";
import { ensureNodePki } from "./instance-pki.ts";
import type { Instance } from "./instance.ts";
import { memorySaver } from "./memory-saver.ts";
import { kubeletPortProblem } from "./new-instance.ts";
import { nodeAddressOf } from "./node-address.ts";
import { nodeNetwork } from "./agent-network.ts";
import { ensurePauseImage, instanceContainerd, untilAnswers } from "./node-runtime.ts";
import { orphans } from "./orphans.ts";
import { claimRole, giveUp, keeper } from "./processes.ts";
import { requireRoot } from "./requirements.ts";
import { stopped } from "./signals.ts";

/**
 * The node's process: containerd, the network, the kubelet. Ends at SIGTERM and leaves the containers running: the next agent takes them over.
 * @param manifestsDir of static pods, instead of the instance's
 */
export async function agent(instance: Instance, logLevel: string, manifestsDir?: string): Promise<void> {
  requireRoot("agent");
  const log = newLogger("agent", logLevel);
  claimRole(instance, "agent");
  const problem = await kubeletPortProblem(instance);
  if (problem !== undefined) throw giveUp(instance, "agent", problem);
  const { signal, beforeEnd } = agentEnd(instance, log);
  const [clock, address] = [systemClock, await nodeAddressOf(instance)];
  const pki = ensureNodePki(instance, address.address, clock.now());
  const transport = httpsTransport({ ...(await loadKubeconfig(pki.kubeconfig)), userAgent: "kubelet" });
  const client = newClient(transport, clock);
  const informers = newInformers(client, clock, log);
  const containerd = await instanceContainerd(instance, clock, log);
  const runtime = newGrpcRuntime(instance.containerdSocket, clock);
  const imageViews = new ImageViews(instance.containerdSocket, runtime.images, snapshotterFor(instance.containerdDir), clock);
  const network = nodeNetwork(instance, address, informers.for<Node>(nodes, { fieldSelector: `metadata.name=${instance.nodeName}` }), clock, log);
  const settings = settingsWith(instance.kubelet ?? {});
  const csi: CsiDeps = { drivers: new CsiDrivers(clock), inUse: new VolumesInUse(), rootDir: instance.kubeletDir, nodeName: instance.nodeName };
  const kubelet = newKubelet({
    client, informers, runtime, clock, log, volumePlugins: volumePlugins({ clock, imageViews, csi }), imageViews, csi, events: newEventRecorder(client, "kubelet", instance.nodeName, clock, signal),
    nodeName: instance.nodeName, nodeAddresses: [address.address], kubeletPort: instance.kubeletPort, rootDir: instance.kubeletDir, podLogsDir: instance.podLogsDir,
    clusterDns: [], clusterDomain: "cluster.local", cgroupParent: instance.cgroupParent, settings, devicePlugins: true,
    runtimeFlaws: await runtimeFlaws((program) => findProgram(program) ?? program),
    staticPods: { dir: manifestsDir ?? (settings.staticPodPath || instance.manifestsDir), parse: async (text) => (await import("./static-pod-manifest.ts")).parseStaticPod(text) }, // the API's rules are loaded for nobody else
  });
  const kubeletServer = newKubeletServer({
    host: kubelet.host, tls: pki.serving, clientCa: pki.ca, port: instance.kubeletPort, clock, log,
    authenticate: newReviewAuthenticator({ client, clock }),
    authorize: newReviewAuthorizer({ client, nodeName: instance.nodeName, clock }),
  });
  const provisionerTransport = httpsTransport({ ...(await loadKubeconfig(pki.provisionerKubeconfig)), userAgent: "provisioner" });
  const provisioner = nodeProvisioner(newClient(provisionerTransport, clock), instance, clock, log, signal);
  beforeEnd(() => kubelet.shutDown());
  log.info({ address: address.address, dataDir: instance.dataDir }, "agent starts");
  try {
    await containerd.start(signal);
    await untilAnswers(runtime, clock, signal);
    await ensurePauseImage(instance, runtime);
    await runAll([containerd, orphans(instance, clock, log), informers, network, kubelet, kubeletServer, provisioner, keeper(instance, "server", clock, log), memorySaver(steadyClock, true)], signal);
  } finally {
    runtime.close();
    imageViews.close();
    transport.close();
    provisionerTransport.close();
  }
}

/**
 * The end of this process: at a SIGTERM at once, so that another agent takes the pods over, except that an instance which is
 * not wanted any more (`seedpod down`) goes down with its pods, as long as the kubelet's settings give them.
 */
function agentEnd(instance: Instance, log: Logger): { readonly signal: AbortSignal; readonly beforeEnd: (last: () => Promise<void>) => void } {
  const end = new AbortController();
  let last = async (): Promise<void> => {};
  stopped().addEventListener("abort", () => {
    const orderly = existsSync(instance.wantedFile) ? Promise.resolve() : last();
    orderly.catch((err: unknown) => log.warn({ err }, "pods were not ended in order")).finally(() => end.abort()).catch(() => {});
  }, { once: true });
  return { signal: end.signal, beforeEnd: (act) => { last = act; } };
}

/** Makes volumes of this node's directories, as a client of its own. */
function nodeProvisioner(client: Client, { nodeName, volumesDir }: Instance, clock: Clock, log: Logger, signal: AbortSignal): Component {
  const informers = newInformers(client, clock, log);
  const provisioner = localPathProvisioner({ client, informers, clock, log, nodeName, root: volumesDir, events: (component) => newEventRecorder(client, component, nodeName, clock, signal) });
  return { name: "provisioner", run: (until) => runAll([informers, provisioner], until) };
}
