import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { CronJob, Job } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { eventually } from "#base/waiting.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();
const image = "seedpod.local/busybox:1";

describe("Jobs", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "jobs-test";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const job = (name: string): Promise<Job> => json<Job>("get", "job", name);
  const podsOf = async (name: string): Promise<readonly Pod[]> => (await json<{ items: Pod[] }>("get", "pods", "-l", `job-name=${name}`)).items;

  before(make);
  after(() => remove());

  test("the pods of an indexed Job know their parts, and are done", async () => {
    await kubectl("apply", "-f", "examples/job.yaml");
    await kubectl("wait", "--for=condition=complete", "job/parts", "--timeout=60s");
    const { status } = await job("parts");
    assert.deepEqual([status.succeeded, status.completedIndexes, status.uncountedTerminatedPods], [3, "0-2", {}]);
    const logs = await Promise.all((await podsOf("parts")).map(({ metadata }) => kubectl("logs", metadata.name)));
    assert.deepEqual(logs.toSorted(), ["part 0 is done\n", "part 1 is done\n", "part 2 is done\n"]);
    assert.match(await kubectl("describe", "job", "parts"), /Normal\s+Completed\s+.*job-controller\s+Job completed/);
  });

  test("a Job that may not fail has failed, and its pod stays to be looked at", async () => {
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image, command: ["sh", "-c", "exit 3"] }] } };
    await shared.kubectlWith(JSON.stringify({ apiVersion: "batch/v1", kind: "Job", metadata: { name: "doomed", namespace }, spec: { backoffLimit: 0, template } }), "create", "-f", "-");
    await kubectl("wait", "--for=condition=failed", "job/doomed", "--timeout=60s");
    assert.deepEqual([(await job("doomed")).status.failed, (await podsOf("doomed")).map(({ status }) => status?.phase)], [1, ["Failed"]]);
  });

  test("a CronJob makes a Job, and a finished Job goes when its time is up", async () => {
    await kubectl("create", "job", "once", `--image=${image}`, "--", "true");
    await kubectl("patch", "job", "once", "--type=merge", "-p", JSON.stringify({ spec: { ttlSecondsAfterFinished: 1 } }));
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "date", image, command: ["date"] }] } };
    const soon = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "soon", namespace }, spec: { schedule: "@every 2s", jobTemplate: { spec: { template } } } };
    await shared.kubectlWith(JSON.stringify(soon), "create", "-f", "-"); // "create cronjob" of an old kubectl asks for an older version
    await eventually(async () => {
      const { status } = await json<CronJob>("get", "cronjob", "soon");
      assert(status.lastScheduleTime !== undefined && status.lastSuccessfulTime !== undefined);
    });
    await kubectl("delete", "cronjob", "soon");
    await eventually(async () => assert.equal(await kubectl("get", "jobs", "once", "--ignore-not-found", "-o", "name"), ""));
  });
});
