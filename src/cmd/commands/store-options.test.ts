import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../user-error.ts";
import { storeWish, type StoreOptions } from "./store-options.ts";

const wishes: readonly (readonly [StoreOptions, ReturnType<typeof storeWish>])[] = [
  [{}, undefined],
  [{ store: "sqlite" }, "sqlite"],
  [{ store: "etcd", etcdServers: "http://127.0.0.1:2379" }, { servers: ["http://127.0.0.1:2379"], prefix: "/registry" }],
  [{ etcdServers: "https://a:2379, https://b:2379/", etcdPrefix: "/clusters/one", etcdCafile: "/ca", etcdCertfile: "/c", etcdKeyfile: "/k" }, { servers: ["https://a:2379", "https://b:2379"], prefix: "/clusters/one", caFile: "/ca", certFile: "/c", keyFile: "/k" }],
];
for (const [options, expected] of wishes) test(`${JSON.stringify(options)} is understood`, () => assert.deepEqual(storeWish(options), expected));

const etcd = { store: "etcd", etcdServers: "http://127.0.0.1:2379" } as const;
const mistakes: readonly (readonly [StoreOptions, RegExp])[] = [
  [{ store: "etcd" }, /needs --etcd-servers/],
  [{ store: "sqlite", etcdServers: "http://127.0.0.1:2379" }, /no sense/],
  [{ etcdPrefix: "/x" }, /need --store=etcd/],
  [{ ...etcd, etcdServers: "127.0.0.1:2379" }, /not like http/],
  [{ ...etcd, etcdServers: "http://127.0.0.1" }, /not like http/],
  [{ ...etcd, etcdServers: "http://user@127.0.0.1:2379" }, /not like http/],
  [{ ...etcd, etcdServers: "http://127.0.0.1:2379," }, /"" is not like http/],
  [{ ...etcd, etcdCertfile: "/c" }, /belong together/],
  [{ ...etcd, etcdPrefix: "registry" }, /must look like/],
  [{ ...etcd, etcdPrefix: "/registry/" }, /must look like/],
];
for (const [options, words] of mistakes) {
  test(`${JSON.stringify(options)} is refused`, () => {
    assert.throws(() => storeWish(options), (err) => err instanceof UserError && err.exitCode === 2 && words.test(err.message));
  });
}
