/** R8, R9 and leaks in small; in large they are in `bench/reliability`. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "#base/waiting.ts";
import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { churn, churnNamespace } from "../support/churn.ts";
import { difference, hostState, lost, processUse, quietState, type HostState } from "../support/host-state.ts";
import { Bystanders, kill, killDuringCreation, type Victim } from "../support/node-trouble.ts";
import { sharedInstance } from "../support/shared-instance.ts";

const shared = sharedInstance();
const namespace = "reliability-test";
const slowestMs = 120_000;

describe("a node in trouble", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const { settings } = shared;
  let transport: ReturnType<typeof httpsTransport>;
  let client: Client;
  const sameAs = (state: HostState): Promise<void> => eventually(async () => assert.deepEqual(difference(state, await hostState(settings)), []), slowestMs);

  before(async () => {
    transport = httpsTransport(await loadKubeconfig(settings.kubeconfig));
    client = newClient(transport);
    await churnNamespace(client, namespace);
  });
  after(async () => {
    await client.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
    transport.close();
  });

  test("20 pods of every sort that came and went leave nothing on the host, and no descriptors in our processes", async () => {
    const [state, use] = [await quietState(settings), processUse(settings)];
    await churn(client, namespace, 20, 10);
    await sameAs(state);
    await eventually(async () => {
      const now = processUse(settings);
      for (const name of ["server", "agent"]) assert.ok((now[name]?.descriptors ?? 0) <= (use[name]?.descriptors ?? 0) + 10, `${name}: ${use[name]?.descriptors} descriptors before, ${now[name]?.descriptors} after`);
    });
  });

  for (const [name, victim, kills] of [["R8", "agent", 1], ["R9", "containerd", 1]] as const satisfies readonly (readonly [string, Victim, number])[]) {
    test(`${name}: pods do not notice that the ${victim} is killed, and their status is fresh again`, async () => {
      const bystanders = new Bystanders(client, settings, namespace);
      const host = await quietState(settings);
      await bystanders.start(5);
      const [facts, running] = [await bystanders.facts(), await quietState(settings)];
      try {
        for (let i = 0; i < kills; i++) {
          await kill(settings, victim);
          await bystanders.toggle(i % 2 === 0);
          assert.deepEqual(lost(facts, await bystanders.facts()), []);
        }
        if (victim === "containerd") {
          await killDuringCreation(client, settings, namespace, 4, 300);
          await sameAs(running);
          assert.deepEqual(lost(facts, await bystanders.facts()), []);
        }
      } finally {
        await bystanders.stop();
      }
      await sameAs(host);
    });
  }
});
