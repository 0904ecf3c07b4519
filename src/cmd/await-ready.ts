import type { Node } from "#api/gen/core-v1.ts";
import { nodes } from "#api/resources.ts";
import type { Clock } from "#base/clock.ts";
import { messageOf } from "#base/error-message.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import type { Instance } from "./instance.ts";
import { logFile } from "./processes.ts";
import { UserError } from "./user-error.ts";

const everyMs = 40;

/** Returns the node's name when it is Ready. Throws `UserError` after `timeoutMs`, saying what is missing. @param check called now and then; its error ends the wait */
export async function awaitReady(instance: Instance, timeoutMs: number, clock: Clock, check: () => void): Promise<string> {
  const transport = httpsTransport(await loadKubeconfig(instance.kubeconfig));
  const client = newClient(transport, clock);
  const deadline = clock.now() + timeoutMs;
  const signal = AbortSignal.timeout(timeoutMs + 10_000);
  try {
    for (;;) {
      const state = await client.resource(nodes).get(instance.nodeName, undefined, signal).then(readiness, (err: unknown) => `the API server does not answer (${messageOf(err)})`);
      if (state === undefined) return instance.nodeName;
      check();
      if (clock.now() >= deadline) throw new UserError(`The node is not ready after ${Math.round(timeoutMs / 1_000)} s: ${state}. See ${logFile(instance, "server")} and ${logFile(instance, "agent")}; "seedpod down" stops what was started.`);
      await clock.sleep(everyMs, signal);
    }
  } finally {
    transport.close();
  }
}

/** Undefined when ready, else why not. */
function readiness(node: Node): string | undefined {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True") return undefined;
  return ready?.message ?? "the node has not reported yet";
}
