/** A day on the real server in virtual time: what happens by the clock happens at its time, and once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HorizontalPodAutoscaler } from "#api/gen/autoscaling-v2.ts";
import type { CronJob, CronJobSpec, Job, JobSpec } from "#api/gen/batch-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { certificateSigningRequests, cronJobs, daemonSets, deployments, events, horizontalPodAutoscalers, jobs, nodes, pods } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Connect } from "#apiserver/connect/connect.ts";
import { ellipticCsr } from "#base/csr-fixture.ts";
import { silent } from "#base/log.ts";
import { elected } from "#client/leader-election.ts";
import { deploymentController } from "#controllers/deployment/reconciler.ts";
import { horizontalPodAutoscalerController } from "#controllers/horizontal-pod-autoscaler/reconciler.ts";
import { nodeLifecycleController } from "#controllers/node-lifecycle/reconciler.ts";
import { replicaSetController } from "#controllers/replicaset/reconciler.ts";
import type { ControllerDeps } from "#controllers/runner.ts";
import { serviceAccountController } from "#controllers/serviceaccount/reconciler.ts";
import { taintEvictionController } from "#controllers/taint-eviction/reconciler.ts";
import { measuredOnly } from "../support/measured-only.ts";
import { everything, startVirtualCluster, type VirtualCluster } from "../support/virtual-cluster.ts";
import { clockOf, create, hour, life, minute, namespace, near, onNode, second, seconds, watchEnds } from "../support/virtual-work.ts";

/** Nodes of this day speak seldom and are looked at each minute: the usual would be most of the day's work. The usual limits have their own test. */
const quietNodes = { nodes: { monitorMs: minute, graceMs: 30 * minute, startupGraceMs: hour } };
const usualNodes = (deps: ControllerDeps) => nodeLifecycleController(deps);

const run = (seconds: number): object => ({ template: onNode("n1", { run: String(seconds) }, { restartPolicy: "Never" }) });
const cron = (cluster: VirtualCluster, name: string, schedule: string, spec: Partial<CronJobSpec> = {}, seconds = 45): Promise<CronJob> =>
  create(cluster, cronJobs, name, { spec: { schedule, timeZone: "Etc/UTC", successfulJobsHistoryLimit: 100, jobTemplate: { spec: { ttlSecondsAfterFinished: 600, ...run(seconds) } }, ...spec } });
const job = (cluster: VirtualCluster, name: string, spec: Partial<JobSpec>): Promise<Job> => create(cluster, jobs, name, { spec });

/** Each Job of a CronJob at its first sight: whose it is, for when, and when it was made where that is later. */
function watchRuns({ informers, clock }: VirtualCluster): string[] {
  const seen: string[] = [];
  informers.for(jobs).onChange(({ old, object }) => {
    const at = object?.metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"];
    if (old !== undefined || object === undefined || at === undefined) return;
    const made = clockOf(clock.now());
    seen.push(`${object.metadata.name.replace(/-\d+$/, "")} ${clockOf(at)}${made === clockOf(at) ? "" : ` at ${made}`}`);
  });
  return seen;
}

test("a day of all that goes by the clock: each at its time, once, and nothing else", async (t) => {
  const began = Date.parse("2026-10-25T00:00:00Z"); // summer time ends in Berlin: half past two is twice
  const cluster = await startVirtualCluster(t, began, everything(quietNodes));
  const { client, clock, informers } = cluster;
  const [seen, jobEnds, podEnds, requestEnds, eventEnds] = [watchRuns(cluster), watchEnds(cluster, jobs), watchEnds(cluster, pods), watchEnds(cluster, certificateSigningRequests), watchEnds(cluster, events)];
  const [finishes, starts, notes] = [new Map<string, number>(), [] as number[], new Map<string, number>()];
  informers.for(jobs).onChange(({ object }) => { if (object?.status.completionTime !== undefined) finishes.set(object.metadata.name, seconds(object.status.completionTime)); });
  informers.for(pods).onChange(({ old, object }) => { if (old === undefined && object?.metadata.labels?.["job-name"] === "doomed") starts.push(seconds(object.metadata.creationTimestamp)); });
  const note = (what: string): void => void (notes.has(what) || notes.set(what, Math.round((clock.now() - began) / second)));
  informers.for(nodes).onChange(({ object }) => { if (getCondition(object?.status.conditions, "Ready")?.status === "Unknown") note(`${object?.metadata.name} Unknown`); });
  informers.for(deployments).onChange(({ object }) => { const condition = getCondition(object?.status.conditions, "Progressing"); if (condition?.status === "False") note(condition.reason ?? ""); });
  cluster.addNode("n1", { life, leaseMs: 10 * minute });
  const silence = cluster.addNode("n2", { life, leaseMs: 10 * minute });
  await cluster.pass(second);

  for (const [name, schedule, timeZone] of [["night", "30 2 * * *", "Europe/Berlin"], ["third", "0 */6 * * *", "Europe/Berlin"], ["noon", "0 12 * * *", "America/New_York"], ["half", "15,45 3 * * *", "Asia/Kolkata"]] as const) await cron(cluster, name, schedule, { timeZone });
  await cron(cluster, "allow", "0,10 1 * * *", { concurrencyPolicy: "Allow" }, 900);
  await cron(cluster, "forbid", "0,10 1 * * *", { concurrencyPolicy: "Forbid" }, 900);
  await cron(cluster, "strict", "0,10 1 * * *", { concurrencyPolicy: "Forbid", startingDeadlineSeconds: 60 }, 900);
  await cron(cluster, "replace", "0,10 1 * * *", { concurrencyPolicy: "Replace" }, 900);
  await cron(cluster, "rests", "0 9,10 * * *", { suspend: true });
  await cron(cluster, "forgets", "0 9,10 * * *", { suspend: true, startingDeadlineSeconds: 600 });
  await job(cluster, "doomed", { backoffLimit: 6, template: { ...onNode("n1", { run: "5", fails: "yes" }, { restartPolicy: "Never" }) } });
  await job(cluster, "endless", { activeDeadlineSeconds: 3600, template: onNode("n1", {}, { restartPolicy: "Never" }) });
  await create(cluster, deployments, "stuck", { spec: { replicas: 1, progressDeadlineSeconds: 900, selector: { matchLabels: { app: "stuck" } }, template: onNode("n1", { app: "stuck", never: "ready" }) } });
  const request = { signerName: "example.com/signer", usages: ["digital signature"], request: Buffer.from(ellipticCsr).toString("base64") };
  for (const name of ["pending", "denied"]) await create(cluster, certificateSigningRequests, name, { spec: request });
  const denied = await client.resource(certificateSigningRequests).get("denied");
  const at = timestamp(clock.now());
  await client.resource(certificateSigningRequests).update({ ...denied, status: { conditions: [{ type: "Denied", status: "True", reason: "No", lastUpdateTime: at, lastTransitionTime: at }] } }, { subresource: "approval" });
  const toleration = (tolerationSeconds?: number): object => ({ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", ...(tolerationSeconds !== undefined && { tolerationSeconds }) });
  for (const [name, spec] of [["brief", { tolerations: [toleration(60)] }], ["faithful", { tolerations: [toleration()] }], ["usual", {}]] as const) await create(cluster, pods, name, onNode("n2", {}, spec));

  await cluster.pass(6 * hour);
  await silence();
  for (const name of ["allow", "forbid", "strict", "replace"]) await client.resource(cronJobs).delete(name, namespace, { propagationPolicy: "Orphan" });
  await cluster.pass(5 * hour - second);
  for (const name of ["rests", "forgets"]) await client.resource(cronJobs).patch(name, namespace, { type: "merge", body: { spec: { suspend: false } } });
  await cluster.pass(13 * hour);

  // what is forbidden waits for its turn unless it may not be late; what rested is made up for once, by its last time
  assert.deepEqual(seen.toSorted(), [
    "allow 25T01:00", "allow 25T01:10", "forbid 25T01:00", "forbid 25T01:10 at 25T01:15", "half 25T21:45", "half 25T22:15", "night 25T00:30", "night 25T01:30", "noon 25T16:00",
    "replace 25T01:00", "replace 25T01:10", "rests 25T10:00 at 25T11:00", "strict 25T01:00", "third 25T05:00", "third 25T11:00", "third 25T17:00", "third 25T23:00",
  ]);
  const stay = [...finishes].map(([name, end]) => ({ name, seconds: (jobEnds.get(name) ?? 0) / second - end }));
  assert.equal(stay.length, seen.length - 1); // all but what was replaced
  for (const one of stay) near(one.seconds, 600, 2, one.name);
  starts.slice(1).forEach((start, i) => near(start - (starts[i] ?? 0) - 5, 10 * 2 ** i, 2, `attempt ${i + 2}`));
  const [doomed, endless] = await Promise.all(["doomed", "endless"].map((name) => client.resource(jobs).get(name, namespace)));
  assert.deepEqual([doomed?.status.failed, getCondition(doomed?.status.conditions, "Failed")?.reason, starts.length], [7, "BackoffLimitExceeded", 7]);
  const ended = getCondition(endless?.status.conditions, "Failed");
  assert.equal(ended?.reason, "DeadlineExceeded");
  near(seconds(ended?.lastTransitionTime) - seconds(endless?.status.startTime), 3600, 2, "endless");
  near(notes.get("ProgressDeadlineExceeded"), 900, 3, "progress deadline");
  const unknown = notes.get("n2 Unknown") ?? 0;
  assert(unknown >= 6 * 3600 + 1200 && unknown <= 6 * 3600 + 1810, `Unknown after ${unknown} s`); // half an hour after its last lease, which is up to ten minutes old
  for (const [name, want] of [["brief", 60], ["usual", 300]] as const) near(((podEnds.get(name) ?? 0) - began) / second - unknown, want, 10, name);
  assert.deepEqual([podEnds.has("faithful"), notes.has("n1 Unknown")], [false, false]);
  assert.deepEqual([...requestEnds].map(([name, end]) => `${name} ${clockOf(end)}`), ["denied 25T02:00"]);
  assert((await client.resource(events).list()).items.every(({ metadata }) => clock.now() - Date.parse(metadata.creationTimestamp ?? "") < 62 * minute) && eventEnds.size > 20, "events of more than an hour ago are left");
  await cluster.pass(2 * hour);
  assert.deepEqual([...requestEnds.keys()], ["denied", "pending"]);
});

test("pods of a silent node go when their time is over, by the usual limits", async (t) => {
  const cluster = await startVirtualCluster(t, Date.parse("2026-05-01T00:00:00Z"), [serviceAccountController, usualNodes, taintEvictionController]);
  const { clock, informers } = cluster;
  cluster.addNode("n1");
  const silence = cluster.addNode("n2");
  await cluster.pass(minute);
  for (const [name, tolerationSeconds] of [["brief", 60], ["usual", undefined]] as const) await create(cluster, pods, name, onNode("n2", {}, tolerationSeconds === undefined ? {} : { tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds }] }));
  await cluster.pass(minute);
  const silentAt = clock.now();
  await silence();
  const after = new Map<string, number>();
  const note = (name: string): void => void (after.has(name) || after.set(name, Math.round((clock.now() - silentAt) / second)));
  informers.for(nodes).onChange(({ object }) => { if (getCondition(object?.status.conditions, "Ready")?.status === "Unknown") note("Unknown"); });
  informers.for(nodes).onChange(({ object }) => { if (object?.spec.taints?.some(({ effect }) => effect === "NoExecute") === true) note("tainted"); });
  informers.for(pods).onChange(({ object }) => { if (object?.metadata.deletionTimestamp !== undefined) note(object.metadata.name); });
  await cluster.pass(10 * minute);
  assert.deepEqual([...after.keys()], ["Unknown", "tainted", "brief", "usual"]);
  const { Unknown = 0, tainted = 0, brief, usual } = Object.fromEntries(after);
  assert(Unknown >= 40 && Unknown <= 56, `Unknown after ${Unknown} s`); // 50 s after its last lease, which is up to 10 s old, looked at every 5 s
  near(brief, tainted + 60, 2, "brief");
  near(usual, tainted + 300, 2, "usual");
});

test("an autoscaler grows at once and shrinks five minutes later", async (t) => {
  const began = Date.parse("2026-05-01T00:00:00Z");
  const quietFrom = began + 30 * minute;
  /** Two tenths of a core each until it gets quiet, then a twentieth. */
  const usedSeconds = (now: number): number => (0.2 * (Math.min(now, quietFrom) - began) + 0.05 * Math.max(0, now - quietFrom)) / second;
  let running: readonly string[] = [];
  const connect = (now: () => number): Connect => measuredOnly(() =>
    `node_cpu_usage_seconds_total ${usedSeconds(now())} ${now()}\nnode_memory_working_set_bytes 2048 ${now()}\n${running.map((name) => {
      const labels = `{container="c",namespace="default",pod="${name}"}`;
      return `container_cpu_usage_seconds_total${labels} ${usedSeconds(now())} ${now()}\ncontainer_memory_working_set_bytes${labels} 2048 ${now()}\ncontainer_start_time_seconds${labels} ${began / second}\n`;
    }).join("")}`);
  const cluster = await startVirtualCluster(t, began, [serviceAccountController, deploymentController, replicaSetController, horizontalPodAutoscalerController], (clock) => ({ connect: () => connect(() => clock.now()) }));
  const { informers, clock } = cluster;
  informers.for(pods).onChange(() => { running = informers.for(pods).list().map(({ metadata }) => metadata.name); });
  const sizes: { readonly replicas: number; readonly at: number }[] = [];
  informers.for(deployments).onChange(({ object }) => { const replicas = object?.spec.replicas ?? 0; if (sizes.at(-1)?.replicas !== replicas) sizes.push({ replicas, at: clock.now() }); });
  cluster.addNode("n1", { life });
  await create(cluster, deployments, "busy", { spec: { replicas: 1, selector: { matchLabels: { app: "busy" } }, template: onNode("n1", { app: "busy" }, { containers: [{ name: "c", image: "c", resources: { requests: { cpu: "100m" } } }] }) } });
  await create<HorizontalPodAutoscaler>(cluster, horizontalPodAutoscalers, "busy", { spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "busy" }, maxReplicas: 4, metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 100 } } }] }, status: { desiredReplicas: 0 } });
  await cluster.pass(hour);
  assert.deepEqual(sizes.map(({ replicas }) => replicas), [1, 2, 4, 2, 1]);
  const [, two, four, fall, one] = sizes.map(({ at }) => (at - began) / second);
  assert(two !== undefined && four !== undefined && two < 120 && four < 240, `grew after ${two} and ${four} s`);
  near((fall ?? 0) - 1800, 330, 30, "after it got quiet"); // the use of a whole window must be low first
  assert((one ?? 0) - (fall ?? 0) >= 285, `the next after ${(one ?? 0) - (fall ?? 0)} s`);
});

test("a clock that is set by an hour or a day makes no node silent, changes no leader, doubles no run and stops no work", async (t) => {
  const cluster = await startVirtualCluster(t, Date.parse("2026-05-01T00:50:00Z"), everything());
  const { client, informers, clock } = cluster;
  const seen = watchRuns(cluster);
  const podEnds = watchEnds(cluster, pods);
  const unknown: string[] = [];
  informers.for(nodes).onChange(({ object }) => { if (getCondition(object?.status.conditions, "Ready")?.status === "Unknown") unknown.push(object?.metadata.name ?? ""); });
  cluster.addNode("n1", { life });
  const daemons: number[] = [];
  informers.for(pods).onChange(({ old, object }) => { if (old === undefined && object?.metadata.labels?.["app"] === "fails") daemons.push(cluster.steady.now()); });
  const stopping = new AbortController();
  const terms: string[] = [];
  const candidates = ["a", "b"].map((identity) => elected({ client, clock: cluster.steady, log: silent, name: "leader", identity, times: { leaseMs: minute, renewDeadlineMs: 40 * second, retryMs: 10 * second } }, () => ({
    name: identity, run: (signal) => { terms.push(identity); return new Promise<void>((resolve) => { signal.addEventListener("abort", () => resolve(), { once: true }); }); },
  })).run(stopping.signal));
  await cluster.pass(second);
  await create(cluster, pods, "stays", onNode("n1"));
  await cron(cluster, "tick", "0 * * * *", {}, 10);
  await create(cluster, daemonSets, "fails", { spec: { selector: { matchLabels: { app: "fails" } }, template: { metadata: { labels: { app: "fails", run: "1", fails: "yes" } }, spec: { containers: [{ name: "c", image: "c" }] } } } });
  await cluster.pass(75 * minute - second);
  assert.deepEqual(seen, ["tick 01T01:00", "tick 01T02:00"]);
  for (const jumpMs of [hour, -hour, 24 * hour, -24 * hour]) {
    cluster.jump(jumpMs);
    await cluster.pass(11 * minute);
  }
  await cluster.pass(30 * minute);
  assert.equal(clockOf(clock.now()), "01T03:19");
  assert.deepEqual([unknown, terms.length, podEnds.has("stays")], [[], 1, false]);
  // three o'clock came ahead of its time and does not come again; of the next day's missed times the last stands for all
  assert.deepEqual(seen.slice(2), ["tick 01T03:00 at 01T03:05", "tick 02T02:00 at 02T02:27"]);
  // a daemon that fails is tried again after twice the wait each time, a quarter of an hour at most
  const gaps = daemons.slice(1).map((at, i) => Math.round((at - (daemons[i] ?? 0)) / second));
  assert.equal(gaps.length, 19);
  gaps.forEach((gap, i) => near(gap, Math.min(900, Math.max(1, 2 ** (i - 1))), 3, `attempt ${i + 2} of the daemon`));
  stopping.abort();
  await Promise.all(candidates);
});
