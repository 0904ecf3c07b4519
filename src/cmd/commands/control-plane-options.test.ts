import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { loadInstance } from "../instance.ts";
import { newInstance } from "../new-instance.ts";
import { serverInstance } from "../server-instance.ts";
import { UserError } from "../user-error.ts";
import { controlPlaneWish, withControlPlane } from "./control-plane-options.ts";
import { serverCommand } from "./server.ts";
import { upCommand } from "./up.ts";

const told = (...args: readonly string[]): ReturnType<typeof controlPlaneWish> =>
  controlPlaneWish(withControlPlane(new Command("x"), "hint").exitOverride().parse(args, { from: "user" }).opts());

test("flags with upstream's names are understood", () => {
  assert.equal(told(), undefined);
  assert.deepEqual(told("--node-monitor-grace-period=20s", "--unhealthy-zone-threshold", "0.7", "--legacy-service-account-token-clean-up-period=24h"), { "node-monitor-grace-period": "20s", "unhealthy-zone-threshold": "0.7", "legacy-service-account-token-clean-up-period": "24h" });
  assert.throws(() => told("--horizontal-pod-autoscaler-sync-period=soon"), UserError);
});

test("server and up know them", () => {
  for (const command of [serverCommand(), upCommand()]) assert.ok(command.options.some(({ long }) => long === "--node-eviction-rate"), command.name());
});

test("they are remembered one by one, and must go together with what was told before", async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), "seedpod-flags-"));
  t.after(() => rmSync(dataDir, { recursive: true }));
  await newInstance({ name: "flags", dataDir, port: 6443, bindAddress: "127.0.0.1", controlPlane: { "node-monitor-period": "2s", "event-ttl": "30m" } });
  const again = await serverInstance({ name: "flags", dataDir, controlPlane: { "event-ttl": "2h", "leader-elect-renew-deadline": "4s" } });
  const want = { "node-monitor-period": "2s", "event-ttl": "2h", "leader-elect-renew-deadline": "4s" };
  assert.deepEqual([again.controlPlane, loadInstance(dataDir)?.controlPlane, (await serverInstance({ name: "flags", dataDir })).controlPlane], [want, want, want]);
  await assert.rejects(serverInstance({ name: "flags", dataDir, controlPlane: { "leader-elect-retry-period": "4s" } }), /longer than 1.2 times --leader-elect-retry-period/);
});
