/** What every runtime must do: an implementation is done when this passes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { systemClock } from "#base/clock.ts";
import { eventually } from "#base/waiting.ts";
import type { ContainerConfig, PodSandboxConfig } from "./gen/cri-v1.ts";
import { RuntimeError, type Runtime, type RuntimeEvent } from "./runtime.ts";
import { containerState, millisOf, sandboxState } from "./states.ts";

export interface RuntimeUnderTest {
  readonly runtime: Runtime;
  /** An image with a shell that is there, and commands for it: one that runs until it is stopped, one that ends with code 3. */
  readonly image: string;
  readonly sleep: readonly string[];
  readonly fail: readonly string[];
}

const label = "example.com/contract";

export function runtimeContract(name: string, open: () => Promise<RuntimeUnderTest>): void {
  describe(`${name} keeps the Runtime contract`, () => {
    test("a container goes from created to running to exited, and its sandbox has an address", async () => {
      const { runtime, image, sleep } = await open();
      const { id, config } = await sandbox(runtime, "life");
      const { status } = await runtime.podSandboxStatus({ podSandboxId: id });
      assert(status !== undefined && sandboxState(status) === "SANDBOX_READY");
      assert.match(status.network?.ip ?? "", /^\d+\.\d+\.\d+\.\d+$/);
      const containerId = await create(runtime, id, config, image, "app", sleep);
      assert.equal(await stateOf(runtime, containerId), "CONTAINER_CREATED");
      await runtime.startContainer({ containerId });
      assert.equal(await stateOf(runtime, containerId), "CONTAINER_RUNNING");
      await runtime.stopContainer({ containerId, timeout: "1" });
      assert.equal(await stateOf(runtime, containerId), "CONTAINER_EXITED");
      await runtime.stopPodSandbox({ podSandboxId: id });
      await runtime.stopPodSandbox({ podSandboxId: id });
      await runtime.removePodSandbox({ podSandboxId: id });
      assert.deepEqual((await runtime.listContainers({ filter: { podSandboxId: id } })).containers ?? [], []);
    });

    test("an exit code, a reason and the times are told", async () => {
      const { runtime, image, fail } = await open();
      const { id, config } = await sandbox(runtime, "exit");
      const containerId = await create(runtime, id, config, image, "app", fail);
      await runtime.startContainer({ containerId });
      await eventually(async () => assert.equal(await stateOf(runtime, containerId), "CONTAINER_EXITED"));
      const { status } = await runtime.containerStatus({ containerId });
      assert.equal(status?.exitCode, 3);
      assert.equal(status?.reason, "Error");
      assert(millisOf(status?.finishedAt) > 0 && millisOf(status?.startedAt) > 0); // containerd may note a quick end before the start
      await runtime.removePodSandbox({ podSandboxId: id });
    });

    test("lists are filtered by label, and labels and annotations come back", async () => {
      const { runtime, image, sleep } = await open();
      const [a, b] = [await sandbox(runtime, "one"), await sandbox(runtime, "two")];
      const containerId = await create(runtime, a.id, a.config, image, "app", sleep);
      const { containers = [] } = await runtime.listContainers({ filter: { labelSelector: { [label]: "one" } } });
      assert.deepEqual(
        containers.map((c) => [c.id, c.annotations?.["note"]]),
        [[containerId, "kept"]],
      );
      const { items = [] } = await runtime.listPodSandbox({ filter: { labelSelector: { [label]: "two" } } });
      assert.deepEqual(
        items.map((s) => s.id),
        [b.id],
      );
      for (const podSandboxId of [a.id, b.id]) {
        await runtime.stopPodSandbox({ podSandboxId });
        await runtime.removePodSandbox({ podSandboxId });
      }
    });

    test("start and exit are told as events", async () => {
      const { runtime, image, fail } = await open();
      const stop = new AbortController();
      const seen: RuntimeEvent[] = [];
      const reading = (async () => {
        for await (const event of runtime.events(stop.signal)) seen.push(event);
      })();
      await systemClock.sleep(200, stop.signal);
      const { id, config } = await sandbox(runtime, "events");
      const containerId = await create(runtime, id, config, image, "app", fail);
      await runtime.startContainer({ containerId });
      await eventually(async () =>
        assert.deepEqual(
          seen.filter((e) => e.id === containerId && e.type !== "created").map((e) => e.type),
          ["started", "exited"],
        ),
      );
      stop.abort();
      await reading;
      await runtime.stopPodSandbox({ podSandboxId: id });
      await runtime.removePodSandbox({ podSandboxId: id });
    });

    test("what is not there is NotFound; stopping and removing it is fine or NotFound", async () => {
      const { runtime } = await open();
      const id = "0".repeat(64);
      const notFound = (err: unknown): boolean => err instanceof RuntimeError && err.code === "NotFound";
      await assert.rejects(runtime.containerStatus({ containerId: id }), notFound);
      await assert.rejects(runtime.podSandboxStatus({ podSandboxId: id }), notFound);
      for (const call of [
        runtime.removeContainer({ containerId: id }),
        runtime.stopPodSandbox({ podSandboxId: id }),
        runtime.removePodSandbox({ podSandboxId: id }),
      ]) {
        await call.catch((err: unknown) => {
          if (!notFound(err)) throw err;
        });
      }
    });

    test("an image that is there has a status, another has none", async () => {
      const { runtime, image } = await open();
      assert.notEqual((await runtime.images.imageStatus({ image: { image } })).image, undefined);
      assert.equal((await runtime.images.imageStatus({ image: { image: "example.com/nothing:1" } })).image, undefined);
    });
  });
}

const logs = mkdtempSync(join(tmpdir(), "seedpod-contract-"));
after(() => rmSync(logs, { recursive: true }));

async function sandbox(runtime: Runtime, name: string): Promise<{ readonly id: string; readonly config: PodSandboxConfig }> {
  const logDirectory = mkdtempSync(join(logs, "pod-"));
  const uid = `${name}-${Math.random().toString(36).slice(2)}`;
  const config: PodSandboxConfig = {
    metadata: { name, namespace: "contract", uid, attempt: 0 },
    hostname: name,
    logDirectory,
    labels: { [label]: name },
    linux: { securityContext: { namespaceOptions: { network: "POD", pid: "CONTAINER", ipc: "POD" } } },
  };
  return { id: (await runtime.runPodSandbox({ config })).podSandboxId ?? "", config };
}

async function create(
  runtime: Runtime,
  podSandboxId: string,
  sandboxConfig: PodSandboxConfig,
  image: string,
  name: string,
  command: readonly string[],
): Promise<string> {
  const found = (await runtime.images.imageStatus({ image: { image } })).image;
  const config: ContainerConfig = {
    metadata: { name, attempt: 0 },
    image: { image: found?.id ?? image },
    command: [...command],
    labels: sandboxConfig.labels ?? {},
    annotations: { note: "kept" },
    logPath: "0.log",
    linux: { securityContext: { namespaceOptions: { network: "POD", pid: "CONTAINER", ipc: "POD" } } },
  };
  return (await runtime.createContainer({ podSandboxId, config, sandboxConfig })).containerId ?? "";
}

const stateOf = async (runtime: Runtime, containerId: string): Promise<string> =>
  containerState((await runtime.containerStatus({ containerId })).status ?? {});
