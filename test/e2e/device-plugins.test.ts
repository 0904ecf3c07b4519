/** A real container with a device of a plugin. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { eventually } from "#base/waiting.ts";
import { TestDevicePlugin } from "../support/device-plugin.ts";
import { sharedInstance } from "../support/shared-instance.ts";

const resource = "example.com/null";
const pod = (name: string, count: number): string => JSON.stringify({
  apiVersion: "v1", kind: "Pod", metadata: { name },
  spec: {
    restartPolicy: "Never", terminationGracePeriodSeconds: 1,
    containers: [{
      name: "c", image: "seedpod.local/busybox:1", resources: { limits: { [resource]: String(count) } },
      command: ["sh", "-c", "echo $NULLS; ls -l /dev/a /etc/nulls; echo gone > /dev/a && echo written; sleep 1000"],
    }],
  },
});

const instance = sharedInstance();
describe("device plugins", { skip: instance === undefined && "needs root" }, () => {
  if (instance === undefined) return;
  const plugin = new TestDevicePlugin(join(instance.settings.kubeletDir, "device-plugins"), resource, [{ ID: "a", health: "Healthy" }]);
  before(async () => {
    await plugin.start();
    await plugin.register();
  });
  after(() => plugin.stop());

  test("a container gets its device, its variables and its mounts, and the next pod waits for a free one", async () => {
    await eventually(async () => assert.equal(await instance.kubectl("get", "nodes", "-o", "jsonpath={.items[0].status.allocatable.example\\.com/null}"), "1"), 60_000);
    await instance.kubectlWith(pod("has-null", 1), "apply", "-f", "-");
    const log = await eventually(async () => {
      const text = await instance.kubectl("logs", "has-null");
      assert.match(text, /written/);
      return text;
    }, 60_000);
    assert.match(log, /^a\n/);
    assert.match(log, /^c.* 1, +3 .*\/dev\/a$/m);
    assert.deepEqual((await instance.json<Pod>("get", "pod", "has-null")).status.containerStatuses?.[0]?.allocatedResourcesStatus, [{ name: resource, resources: [{ resourceID: "a", health: "Healthy" }] }]);
    await instance.kubectlWith(pod("wants-null", 1), "apply", "-f", "-");
    await eventually(async () => assert.match(await instance.kubectl("describe", "pod", "wants-null"), /Insufficient example\.com\/null/), 60_000);
    await instance.kubectl("delete", "pod", "has-null", "--now");
    await eventually(async () => assert.match(await instance.kubectl("logs", "wants-null"), /written/), 90_000);
    await instance.kubectl("delete", "pod", "wants-null", "--now");
  });
});
