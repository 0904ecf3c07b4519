import { after, before, describe, type TestContext } from "node:test";
import { hasEtcd, TestEtcd } from "../../../test/support/etcd.ts";
import { storeContract } from "../store.contract.ts";
import type { Store } from "../store.ts";
import { openEtcdStore } from "./store.ts";

describe("the contract on a real etcd", { skip: hasEtcd ? false : "etcd is not installed" }, () => {
  let etcd: TestEtcd;
  let opened = 0;
  const prefixes = new WeakMap<Store, string>();
  before(async () => { etcd = await TestEtcd.start(); });
  after(() => etcd.remove());

  async function open(t: TestContext, prefix = `/contract-${opened++}`): Promise<Store> {
    const store = await openEtcdStore({ servers: [etcd.url], root: "", prefix });
    t.after(() => store.close());
    prefixes.set(store, prefix);
    return store;
  }

  storeContract("etcd", {
    open: (t) => open(t),
    async reopen(t, store) {
      await store.close();
      return open(t, prefixes.get(store));
    },
    openBeside: (t, store) => open(t, prefixes.get(store)),
  });
});
