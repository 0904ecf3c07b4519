/** R6 and R4 of the reliability bench in small: what watchers of a store are told, and that the judge notices a store that is wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hasEtcd } from "../support/etcd.ts";
import { watching, type Pace } from "../support/watching/run.ts";
import { storeBugs } from "../support/watching/store-bugs.ts";

const pace: Pace = { compactMs: 20, kept: 100, reopenAfter: 250, stayMs: 30, awayMs: 100, cacheCheckMs: 200 };

for (const [engine, events, watchers] of [["sqlite", 1_500, 10], ["etcd", 600, 5]] as const) {
  test(`watchers of ${engine} that come and go lose nothing, and are told nothing twice`, { skip: engine === "sqlite" || hasEtcd ? false : "etcd is not installed" }, async () => {
    const { wrong, witnesses, reopened } = await watching({ engine, events, watchers, pace });
    assert.deepEqual(wrong, []);
    assert.ok(reopened > 0 && witnesses.some(({ stretches }) => stretches.length > 1), "nobody was too late");
  });
}

for (const bug of storeBugs) {
  test(`a store is found out: ${bug}`, async () => {
    assert.notDeepEqual((await watching({ engine: "sqlite", events: 800, watchers: 6, pace, bug })).wrong, []);
  });
}
