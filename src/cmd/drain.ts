import type { Runtime } from "#cri/runtime.ts";

/** How many pods end at the same time: the CNI plugins take turns at iptables' lock anyway. */
const atOnce = 8;

/** Ends every pod of a runtime in order: containers get SIGTERM and `graceSeconds`, then the sandbox stops, and with it go (by CNI DEL) its address and rules. The runtime keeps its records: how each container ended is what the next kubelet tells. Failures are told to `failed` and do not stop the rest. */
export async function drain(runtime: Runtime, graceSeconds: number, failed: (sandbox: string, err: unknown) => void): Promise<void> {
  const { items: sandboxes = [] } = await runtime.listPodSandbox({});
  const { containers = [] } = await runtime.listContainers({ filter: { state: { state: "CONTAINER_RUNNING" } } });
  await inParallel(sandboxes, async ({ id = "" }) => {
    try {
      const own = containers.filter(({ podSandboxId }) => podSandboxId === id);
      await Promise.all(own.map((container) => runtime.stopContainer({ containerId: container.id ?? "", timeout: String(graceSeconds) })));
      await runtime.stopPodSandbox({ podSandboxId: id });
    } catch (err) {
      failed(id, err);
    }
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
