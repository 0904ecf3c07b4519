import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { storeContract } from "../store.contract.ts";
import type { Store } from "../store.ts";
import { openSqliteStore, type SqliteStoreOptions } from "./store.ts";

async function open(t: TestContext, options: SqliteStoreOptions): Promise<Store> {
  const store = await openSqliteStore(options);
  t.after(() => store.close());
  return store;
}

function freshPath(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "seedpod-store-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "store.db");
}

storeContract("sqlite in memory", {
  open: (t) => open(t, { path: ":memory:" }),
  openWithLagBound: (t, changes) => open(t, { path: ":memory:", lagBound: { changes, bytes: 1 << 20 } }),
});

const paths = new WeakMap<Store, string>();
storeContract("sqlite on disk", {
  async open(t) {
    const path = freshPath(t);
    const store = await open(t, { path });
    paths.set(store, path);
    return store;
  },
  openWithLagBound: (t, changes) => open(t, { path: freshPath(t), lagBound: { changes, bytes: 1 << 20 } }),
  async reopen(t, store) {
    await store.close();
    return open(t, { path: paths.get(store) ?? "" });
  },
});
