/** CSI drivers of this node: known to its volumes, told in its CSINode and on its Node. Upstream: pkg/volume/csi/csi_plugin.go RegistrationHandler, nodeinfomanager */
import { isStatus } from "#apimachinery/status.ts";
import type { Node } from "#api/gen/core-v1.ts";
import type { CSINode } from "#api/gen/storage-v1.ts";
import { csiNodes, nodes } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { loop, untilAborted, type Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { CsiDrivers } from "#csi/drivers.ts";
import { annotationsWith, csiNodeWith, csiNodeWithout, labelsOf, versionProblem } from "./csi-node-plan.ts";
import type { PluginHandler } from "./plugin-watcher.ts";

interface Deps {
  readonly client: Client;
  readonly drivers: CsiDrivers;
  readonly nodeName: string;
  readonly clock: Clock;
}

const tries = 10;
const againMs = 500;

export function csiRegistration(deps: Deps): PluginHandler {
  return {
    async register(name, endpoint, versions, signal) {
      const problem = versionProblem(name, versions);
      if (problem !== undefined) throw new Error(problem);
      const info = await deps.drivers.add(name, endpoint).node.nodeGetInfo({}, { signal });
      try {
        await persist(deps, signal, async (node) => {
          const body = { metadata: { resourceVersion: node.metadata.resourceVersion, annotations: annotationsWith(node, name, info.nodeId ?? ""), labels: labelsOf(node, info) } };
          await deps.client.resource(nodes).patch(deps.nodeName, undefined, { type: "merge", body }, { signal });
        });
        await persist(deps, signal, (node) => writeCsiNode(deps.client, node, (old) => csiNodeWith(old, name, info), signal));
      } catch (err) {
        deps.drivers.remove(name);
        throw err;
      }
    },
    async deregister(name, _endpoint, signal) {
      deps.drivers.remove(name);
      await persist(deps, signal, async (node) => {
        await deps.client.resource(nodes).patch(deps.nodeName, undefined, { type: "merge", body: { metadata: { resourceVersion: node.metadata.resourceVersion, annotations: annotationsWith(node, name, undefined) } } }, { signal });
      });
      await persist(deps, signal, (node) => writeCsiNode(deps.client, node, (old) => csiNodeWithout(old, name), signal));
    },
  };
}

/** Makes this node's CSINode as soon as there is the Node: it says that the kubelet knows of CSI, also while there is no driver. Upstream: nodeinfomanager InitializeCSINodeWithAnnotation */
export function csiNode(deps: Omit<Deps, "drivers">): Component {
  return { name: "csi-node", run: (signal) => loop(signal, async () => {
    const made = await persist(deps, signal, (node) => writeCsiNode(deps.client, node, (old) => old, signal)).then(() => true, () => false);
    await (made ? untilAborted(signal) : deps.clock.sleep(tries * againMs, signal));
  }) };
}

/** Others write the Node as well, and it may not be there yet. */
async function persist({ client, nodeName, clock }: Omit<Deps, "drivers">, signal: AbortSignal, write: (node: Node) => Promise<void>): Promise<void> {
  for (let left = tries; ; left--) {
    try {
      return await write(await client.resource(nodes).get(nodeName, undefined, signal));
    } catch (err) {
      if (left === 0 || !isStatus(err, "Conflict", "NotFound", "AlreadyExists")) throw err;
    }
    await clock.sleep(againMs, signal);
  }
}

async function writeCsiNode(client: Client, { metadata }: Node, change: (old: CSINode) => CSINode, signal: AbortSignal): Promise<void> {
  const resource = client.resource(csiNodes);
  const old = await resource.get(metadata.name, undefined, signal).catch((err: unknown) => {
    if (isStatus(err, "NotFound")) return undefined;
    throw err;
  });
  const owner = { apiVersion: "v1", kind: "Node", name: metadata.name, uid: metadata.uid ?? "" };
  const next = change(old ?? { kind: "CSINode", apiVersion: "storage.k8s.io/v1", metadata: { name: metadata.name, ownerReferences: [owner] }, spec: { drivers: [] } });
  if (next === old) return;
  await (old === undefined ? resource.create(next, { signal }) : resource.update(next, { signal }));
}
