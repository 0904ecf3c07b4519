/** What an etcd that fails does to a store: nothing acknowledged is lost, nothing told twice, nothing unknown called known. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { exec } from "#base/exec.ts";
import { issue, newCa } from "#base/pki.ts";
import { pause } from "#base/waiting.ts";
import { hasEtcd, TestEtcd, type EtcdOptions } from "../support/etcd.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { Compacted, OpenFailed, Unavailable, WriteFailed, type Revision, type Store } from "#storage/store.ts";
import { openEtcdStore, type EtcdStoreOptions } from "#storage/etcd/store.ts";

const timeouts = { callMs: 4_000, attemptMs: 1_000, keepAliveMs: 500, keepAliveTimeoutMs: 500 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function newEtcd(t: TestContext, options: EtcdOptions = {}): Promise<TestEtcd> {
  const etcd = await TestEtcd.start({ ...options, flags: ["--grpc-keepalive-min-time", "100ms", ...(options.flags ?? [])] });
  t.after(() => etcd.remove());
  return etcd;
}

async function open(t: TestContext, options: EtcdStoreOptions): Promise<Store> {
  const store = await openEtcdStore({ timeouts, ...options });
  t.after(() => store.close());
  return store;
}

/** Writes numbers under `/registry/n/` without end; a write whose outcome is unknown is looked up. Tells what stands. */
class Writer {
  readonly #store: Store;
  readonly written: string[] = [];
  unknown = 0;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(store: Store) {
    this.#store = store;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    for (let i = 0; !this.#stopped; i++) {
      const key = `/registry/n/${String(i).padStart(6, "0")}`;
      await this.#write(key);
      this.written.push(key);
    }
  }

  async #write(key: string): Promise<void> {
    for (;;) {
      try {
        const write = await this.#store.put(key, bytes("x"), 0);
        assert(write.ok || this.unknown > 0, "a key that nobody else writes was there already");
        return;
      } catch (err) {
        assert(err instanceof WriteFailed, String(err));
        if (err.outcome === "unknown") this.unknown++;
        await pause(50);
      }
    }
  }
}

/** What a watch of everything tells, until `count` keys are seen. */
async function keysSeen(store: Store, from: Revision, until: () => number, signal: AbortSignal): Promise<{ keys: string[]; revisions: Revision[] }> {
  const keys: string[] = [];
  const revisions: Revision[] = [];
  for await (const { changes } of store.watch("/registry/", from, signal)) {
    for (const change of changes) {
      keys.push(change.type === "put" ? change.entry.key : change.previous.key);
      revisions.push(change.type === "put" ? change.entry.modified : change.revision);
    }
    if (keys.length >= until()) return { keys, revisions };
  }
  return { keys, revisions };
}

/** One writer and one watch through `trouble`: the watch must tell each write once, in order. */
async function survives(t: TestContext, store: Store, trouble: () => Promise<void>): Promise<Writer> {
  const origin = await store.revision();
  const writer = new Writer(store);
  let expected = Infinity;
  const watching = keysSeen(store, origin, () => expected, t.signal);
  await pause(200);
  await trouble();
  await pause(300);
  await writer.stop();
  expected = writer.written.length;
  await store.put("/registry/n/last", bytes("x"), 0); // wakes the watch if it has all already
  const { keys, revisions } = await watching;
  assert.deepEqual(keys.filter((key) => key !== "/registry/n/last"), writer.written);
  assert.deepEqual(revisions, revisions.toSorted((a, b) => a - b));
  assert.equal(await store.count("/registry/n/"), writer.written.length + 1);
  return writer;
}

describe("etcd in trouble", { skip: hasEtcd ? false : "etcd is not installed" }, () => {
  test("an etcd that is killed and started again", async (t) => {
    const etcd = await newEtcd(t);
    const store = await open(t, { servers: [etcd.url] });
    await survives(t, store, async () => {
      await etcd.stop("SIGKILL");
      await pause(500);
      await etcd.start();
    });
  });

  test("a connection that is cut, again and again", async (t) => {
    const etcd = await newEtcd(t);
    const proxy = await TcpProxy.to(etcd.port);
    t.after(() => proxy.close());
    const store = await open(t, { servers: [`http://127.0.0.1:${proxy.port}`] });
    await survives(t, store, async () => {
      for (let i = 0; i < 5; i++) {
        proxy.cut();
        await pause(100);
        proxy.mend();
        await pause(300);
      }
    });
  });

  test("one of two ways that dies: the other is taken", async (t) => {
    const etcd = await newEtcd(t);
    const [first, second] = [await TcpProxy.to(etcd.port), await TcpProxy.to(etcd.port)];
    t.after(() => { first.close(); second.close(); });
    const store = await open(t, { servers: [first, second].map(({ port }) => `http://127.0.0.1:${port}`) });
    await survives(t, store, async () => {
      first.cut();
      await pause(1_500);
      first.mend();
      second.cut();
      await pause(1_500);
    });
  });

  test("a cluster of three whose members die and stand still one after the other", async (t) => {
    const cluster = await TestEtcd.startCluster(3, { flags: ["--grpc-keepalive-min-time", "100ms"] });
    t.after(() => Promise.all(cluster.map((member) => member.remove())));
    const store = await open(t, { servers: cluster.map(({ url }) => url) });
    await survives(t, store, async () => {
      for (const [i, member] of cluster.entries()) {
        if (i === 1) member.signal("SIGSTOP");
        else await member.stop("SIGKILL");
        await pause(2_500);
        if (i === 1) member.signal("SIGCONT");
        else await member.start();
        await pause(1_000);
      }
    });
  });

  test("an etcd that stands still: the write's outcome is unknown, and when it goes on everything goes on", async (t) => {
    const etcd = await newEtcd(t);
    const store = await open(t, { servers: [etcd.url] });
    const { unknown } = await survives(t, store, async () => {
      etcd.signal("SIGSTOP");
      await pause(timeouts.callMs + 500);
      etcd.signal("SIGCONT");
      await pause(1_000);
    });
    assert(unknown > 0);
  });

  test("an etcd that is away: reads say so in time, writes say that nothing was written", async (t) => {
    const etcd = await newEtcd(t);
    const store = await open(t, { servers: [etcd.url] });
    await etcd.stop();
    await assert.rejects(store.revision(), Unavailable);
    await assert.rejects(store.put("/registry/a", bytes("1"), 0), (err) => err instanceof WriteFailed && err.outcome === "not written");
    await etcd.start();
    assert((await store.put("/registry/a", bytes("1"), 0)).ok);
  });

  test("compaction behind our back ends a watch that still needed the history, and no other", async (t) => {
    const etcd = await newEtcd(t);
    const proxy = await TcpProxy.to(etcd.port);
    t.after(() => proxy.close());
    const [store, other] = [await open(t, { servers: [`http://127.0.0.1:${proxy.port}`] }), await open(t, { servers: [etcd.url] })];
    const origin = await store.revision();
    const cut = keysSeen(store, origin, () => 100, t.signal);
    const undisturbed = keysSeen(other, origin, () => 101, t.signal);
    await other.put("/registry/first", bytes("1"), 0);
    await pause(200);
    proxy.cut();
    for (let i = 0; i < 100; i++) await other.put(`/registry/${i}`, bytes("1"), 0);
    await pause(200);
    const newest = await other.revision();
    await exec("etcdctl", ["--endpoints", etcd.url, "compaction", String(newest)], { env: { ...process.env, ETCDCTL_API: "3" } });
    proxy.mend();
    await assert.rejects(cut, (err) => err instanceof Compacted && err.oldest === newest);
    assert.equal((await undisturbed).keys.length, 101);
  });

  test("values of a megabyte arrive, in lists and in watches of many of them", async (t) => {
    const etcd = await newEtcd(t);
    const store = await open(t, { servers: [etcd.url] });
    const origin = await store.revision();
    const value = new Uint8Array(1_000_000).fill(7);
    for (let i = 0; i < 20; i++) await store.put(`/registry/big/${i}`, value, 0);
    let seen = 0;
    for await (const { changes } of store.watch("/registry/big/", origin, t.signal)) {
      for (const change of changes) assert(change.type === "put" && Buffer.compare(change.entry.value, value) === 0);
      seen += changes.length;
      if (seen === 20) break;
    }
    assert.equal((await store.list("/registry/big/")).entries.length, 20);
  });

  test("what is too large, and an etcd that is full, are told in words; reads and deletions go on", async (t) => {
    const etcd = await newEtcd(t, { flags: ["--quota-backend-bytes", "8000000"] });
    const store = await open(t, { servers: [etcd.url] });
    for (const [size, words] of [[1_600_000, /larger than etcd takes/], [3_000_000, /larger than max/]] as const) {
      await assert.rejects(store.put("/registry/large", new Uint8Array(size), 0), (err) => err instanceof WriteFailed && err.outcome === "not written" && words.test(err.message));
    }
    let full: unknown;
    const written: Revision[] = [];
    while (full === undefined && written.length < 50) {
      const write = await store.put(`/registry/${written.length}`, new Uint8Array(1_000_000), 0).catch((err: unknown) => { full = err; });
      if (write?.ok === true) written.push(write.revision);
    }
    assert(full instanceof WriteFailed && full.outcome === "not written");
    assert.match(full.message, /database is full \(its NOSPACE alarm is on\)/);
    assert.equal((await store.list("/registry/")).entries.length, written.length);
    assert.equal((await store.get("/registry/0")).entry?.modified, written[0]);
    assert((await store.delete("/registry/0", written[0] ?? 0)).ok);
    assert.equal(await store.count("/registry/"), written.length - 1);
  });

  test("an etcd that knows only certain clients", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), "seedpod-etcd-pki-"));
    t.after(() => rmSync(directory, { recursive: true }));
    const now = systemClock.now();
    const [ca, stranger] = [newCa("etcd-ca", now), newCa("another-ca", now)];
    const serving = issue(ca, { commonName: "etcd", ips: ["127.0.0.1"], usages: ["server", "client"], days: 1 }, now);
    const file = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const etcd = await newEtcd(t, { tls: { ca: file("ca.crt", ca.cert), cert: file("etcd.crt", serving.cert), key: file("etcd.key", serving.key) } });
    const client = issue(ca, { commonName: "seedpod", usages: ["client"], days: 1 }, now);
    const store = await open(t, { servers: [etcd.url], tls: { ca: ca.cert, ...client } });
    assert((await store.put("/registry/a", bytes("1"), 0)).ok);
    const refused = async (tls: EtcdStoreOptions["tls"]): Promise<string> => {
      const err: unknown = await open(t, { servers: [etcd.url], timeouts: { ...timeouts, callMs: 500 }, ...(tls && { tls }) }).then(() => undefined, (e: unknown) => e);
      assert(err instanceof OpenFailed);
      return err.message;
    };
    assert.match(await refused({ ca: stranger.cert, ...client }), /certificate/);
    assert.match(await refused({ ca: ca.cert }), new RegExp(`etcd at ${etcd.url} cannot be used`));
  });

  test("an etcd that does not let us at these keys", async (t) => {
    const etcd = await newEtcd(t);
    const store = await open(t, { servers: [etcd.url] });
    const etcdctl = (...args: string[]): Promise<string> => exec("etcdctl", ["--endpoints", etcd.url, ...args], { env: { ...process.env, ETCDCTL_API: "3" } });
    await etcdctl("user", "add", "root:secret");
    await etcdctl("user", "grant-role", "root", "root").catch(() => "");
    await etcdctl("role", "add", "root").catch(() => "");
    await etcdctl("user", "grant-role", "root", "root").catch(() => "");
    await etcdctl("auth", "enable");
    await assert.rejects(store.put("/registry/a", bytes("1"), 0), (err) => err instanceof WriteFailed && err.outcome === "not written");
    await assert.rejects(store.get("/registry/a"), (err) => err instanceof Unavailable && err.message.startsWith("etcd refuses"));
    await assert.rejects(open(t, { servers: [etcd.url] }), OpenFailed);
  });
});
