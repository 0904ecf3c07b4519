import { leases, nodes, pods } from "#api/resources.ts";
import type { Node, NodeCondition, Pod } from "#api/gen/core-v1.ts";
import { getCondition, setCondition } from "#api/pod.ts";
import type { ObjectMeta } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import { ignore } from "../ignore.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { isEvicting, Signs, silenced, taintsOf } from "./plan.ts";
import { defaultNodeSettings, type Limits, type NodeSettings } from "./settings.ts";
import { Zones } from "./zones.ts";

/** The key of the round over all zones; no node has it. */
const everyZone = "";

/** Watches over nodes: Unknown when they fall silent, taints by their conditions, pods not ready where nobody answers, and driven away in their zone's turn. Key: the node, or `everyZone`. */
export function nodeLifecycleController(deps: ControllerDeps, given: Partial<NodeSettings> = {}): Component {
  const settings = { ...defaultNodeSettings, ...given };
  const nodeCache = deps.informers.for(nodes);
  const leaseCache = deps.informers.for(leases, { namespace: "kube-node-lease" });
  const podCache = deps.informers.for(pods);
  podCache.addIndex("node", ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  const { clock, steady = clock } = deps;
  const signs = new Signs();
  const zones = new Zones(settings);
  const events = deps.events("node-controller");
  return newController(deps, (client) => {
    const known = new Map<string, Node>();
    const turn = async (signal: AbortSignal): Promise<Again | void> => {
      const now = clock.now();
      const { evict, spare, nextInMs, recovered } = zones.round(nodeCache.list(), isEvicting, steady.now());
      if (recovered) signs.clear();
      for (const node of evict) await retaint(client, node.metadata, taintsOf(node, true, now), signal);
      for (const node of spare) await retaint(client, node.metadata, taintsOf(node, false, now), signal);
      return nextInMs === undefined ? undefined : { afterMs: nextInMs };
    };
    return {
      sources: [
        source(nodes, nodeCache, ({ metadata }) => [metadata.name, everyZone]),
        source(leases, leaseCache, ({ metadata }) => [metadata.name]),
        source(pods, podCache, ({ spec }) => (spec.nodeName ? [spec.nodeName] : [])),
      ],
      reconciler: {
        name: "node-lifecycle",
        async reconcile(key, signal): Promise<Again | void> {
          if (key === everyZone) return turn(signal);
          const node = nodeCache.get(key);
          tellOfChange(known, key, node, events);
          if (node === undefined) return signs.forget(key);
          const now = steady.now();
          const silentMs = now - signs.lastOf(node, leaseCache.get(`kube-node-lease/${key}`), now);
          await judge(node, { client, events, clock, silentMs, limits: settings, pods: () => podCache.by("node", key) }, signal);
          return { afterMs: settings.monitorMs };
        },
      },
    };
  });
}

/** Tells of nodes that come and go, of all of them when this controller starts. Upstream: pkg/controller/nodelifecycle monitorNodeHealth */
function tellOfChange(known: Map<string, Node>, name: string, node: Node | undefined, events: EventRecorder): void {
  const before = known.get(name);
  if (node === undefined) known.delete(name);
  else known.set(name, node);
  if (before === undefined && node !== undefined) events.event(node, "Normal", "RegisteredNode", `Node ${name} event: Registered Node ${name} in Controller`);
  if (before !== undefined && node === undefined) events.event(before, "Normal", "RemovingNode", `Node ${name} event: Removing Node ${name} from Controller`);
}

interface Case { readonly client: Client; readonly events: EventRecorder; readonly clock: Clock; readonly silentMs: number; readonly limits: Limits; readonly pods: () => readonly Pod[] }

async function judge(node: Node, { client, events, clock, silentMs, limits, pods: own }: Case, signal: AbortSignal): Promise<void> {
  const now = clock.now();
  const seen = await silence(node, silenced(node, silentMs, limits, now), { client, events }, signal);
  await retaint(client, seen.metadata, taintsOf(seen, isEvicting(seen), now), signal);
  if (getCondition(seen.status.conditions, "Ready")?.status === "True" || getCondition(seen.status.conditions, "Ready") === undefined) return;
  for (const pod of own()) await markNotReady(client, events, pod, now, signal);
}

/** @returns the node as it is then: its taints may have changed meanwhile */
async function silence(node: Node, conditions: NodeCondition[] | undefined, { client, events }: Pick<Case, "client" | "events">, signal: AbortSignal): Promise<Node> {
  if (conditions === undefined) return node;
  const silenced = await client.resource(nodes).patch(node.metadata.name, undefined, { type: "strategic", body: { status: { conditions } } }, { subresource: "status", signal });
  events.event(node, "Normal", "NodeNotReady", `Node ${node.metadata.name} status is now: NodeNotReady`);
  return silenced;
}

/** Only if the node is still as it was seen: others write taints too. @param taints undefined: nothing is to be changed */
async function retaint(client: Client, { name, resourceVersion }: ObjectMeta, taints: ReturnType<typeof taintsOf>, signal: AbortSignal): Promise<void> {
  if (taints !== undefined) await client.resource(nodes).patch(name, undefined, { type: "merge", body: { metadata: { resourceVersion }, spec: { taints } } }, { signal });
}

/** Nobody knows whether it still serves: it must get no traffic. Upstream: pkg/controller/util/node MarkPodsNotReady */
async function markNotReady(client: Client, events: EventRecorder, pod: Pod, now: number, signal: AbortSignal): Promise<void> {
  if (getCondition(pod.status.conditions, "Ready")?.status !== "True") return;
  const conditions = setCondition(pod.status.conditions, { type: "Ready", status: "False", reason: "NodeNotReady", message: "Node is not ready" }, now);
  await client.resource(pods).patch(pod.metadata.name, pod.metadata.namespace, { type: "strategic", body: { status: { conditions } } }, { subresource: "status", signal }).catch(ignore("NotFound", "Conflict"));
  events.event(pod, "Warning", "NodeNotReady", "Node is not ready");
}
