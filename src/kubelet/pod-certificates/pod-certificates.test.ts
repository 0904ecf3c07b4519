import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { podCertificateRequests, serviceAccounts } from "#api/resources.ts";
import { timestamp } from "#apimachinery/time.ts";
import { silent } from "#base/log.ts";
import { pemText } from "#base/pem.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { until } from "#base/waiting.ts";
import { newInformers } from "#client/informers.ts";
import { NotIssued, type PodCredentials } from "#volumes/plugin.ts";
import { FakeClient } from "../fake-client.ts";
import { PodCertificates } from "./pod-certificates.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const minute = 60_000;
const hour = 60 * minute;
const pod = { metadata: { name: "web", namespace: "shop", uid: "pod-uid" }, spec: { serviceAccountName: "seller", containers: [] }, status: {} } as Pod;
const source = { signerName: "example.com/web", keyType: "ED25519", credentialBundlePath: "tls.pem", maxExpirationSeconds: 7200, userAnnotations: { "example.com/a": "b" } };
const leaf = pemText("CERTIFICATE", Buffer.from("leaf"));

class World {
  readonly client = new FakeClient();
  readonly clock = new VirtualClock(start);
  readonly events: string[] = [];
  readonly #signal: AbortSignal;
  readonly certificates: PodCertificates;

  constructor(t: TestContext) {
    const stopping = new AbortController();
    const informers = newInformers(this.client, this.clock, silent);
    const running = informers.run(stopping.signal);
    t.after(async () => {
      stopping.abort();
      await running;
    });
    this.#signal = stopping.signal;
    this.client.write(serviceAccounts.resource, { metadata: { name: "seller", namespace: "shop", uid: "account-uid" } }, "ADDED");
    const events = { event: (_about: object, type: string, reason: string, message: string) => { this.events.push(`${type} ${reason}: ${message}`); } };
    this.certificates = new PodCertificates({ client: this.client, informers, events, clock: this.clock, log: silent, nodeName: "node", nodeUid: () => "node-uid", chance: () => 0.5 });
  }

  get requests(): PodCertificateRequest[] { return this.client.list(podCertificateRequests.resource) as PodCertificateRequest[]; }

  ask(): Promise<PodCredentials> { return this.certificates.of(pod, "tls", 1, source, this.#signal); }

  /** One look at the volume, without the patience that it has. */
  async look(): Promise<string> {
    let ended = false;
    const asking = this.ask().then(({ key, chain }) => `${key.split("\n")[0] ?? ""} ${chain}`, (err: unknown) => (err as Error).message).finally(() => { ended = true; });
    while (!ended) {
      await turn();
      if (this.clock.nextMs === 5_000 && this.requests.length > 0) this.clock.advance(5_000);
    }
    return await asking;
  }

  /** A signer decides on all that is undecided. */
  async decide(type: "Issued" | "Denied" | "Failed", certificate: { readonly chain: string; readonly refreshMs: number; readonly lifeMs: number } = { chain: `words\n${leaf}`, refreshMs: hour, lifeMs: 2 * hour }): Promise<void> {
    const now = this.clock.now();
    const issued = type === "Issued" && { certificateChain: certificate.chain, notBefore: timestamp(now), beginRefreshAt: timestamp(now + certificate.refreshMs), notAfter: timestamp(now + certificate.lifeMs) };
    for (const request of this.requests.filter(({ status }) => status.conditions === undefined)) {
      this.client.write(podCertificateRequests.resource, { ...request, status: { conditions: [{ type, status: "True", reason: "ByTest", message: "said so", lastTransitionTime: timestamp(now) }], ...issued } } as never, "MODIFIED");
    }
    await turn();
  }
}

test("a kubelet asks in the pod's name, and has the answer as soon as it comes", async (t) => {
  const world = new World(t);
  const asking = world.ask();
  await until("a request", async () => world.requests.length === 1);
  const [{ metadata, spec } = assert.fail()] = world.requests;
  assert.deepEqual([metadata.namespace, metadata.generateName, metadata.ownerReferences], ["shop", "req-", [{ apiVersion: "v1", kind: "Pod", name: "web", uid: "pod-uid" }]]);
  const { stubPKCS10Request, ...rest } = spec;
  assert.ok(stubPKCS10Request.length > 100);
  assert.deepEqual(rest, {
    signerName: "example.com/web", podName: "web", podUID: "pod-uid", serviceAccountName: "seller", serviceAccountUID: "account-uid", nodeName: "node", nodeUID: "node-uid",
    maxExpirationSeconds: 7200, unverifiedUserAnnotations: { "example.com/a": "b" },
  });
  await world.decide("Issued");
  const { key, chain } = await asking;
  assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
  assert.equal(chain, leaf, "without the words between");
  assert.equal((await world.ask()).key, key);
  assert.equal(world.requests.length, 1);
});

test("while nobody answers there is nothing, and nothing more is asked", async (t) => {
  const world = new World(t);
  assert.equal(await world.look(), "credential bundle is not issued yet");
  assert.equal(await world.look(), "credential bundle is not issued yet");
  assert.equal(world.requests.length, 1);
  await world.decide("Issued");
  assert.match(await world.look(), /PRIVATE KEY.*BEGIN CERTIFICATE/);
});

test("a request that somebody has deleted is made again", async (t) => {
  const world = new World(t);
  await world.look();
  const [first = assert.fail()] = world.requests;
  world.client.write(podCertificateRequests.resource, first as never, "DELETED");
  await world.look();
  assert.notEqual(world.requests[0]?.metadata.uid, first.metadata.uid);
});

for (const [type, event, words] of [
  ["Denied", 'was denied, reason="ByTest", message="said so"', 'PodCertificateRequest was permanently denied: reason="ByTest" message="said so"'],
  ["Failed", 'failed, reason="ByTest", message="said so"', 'PodCertificateRequest was permanently failed: reason="ByTest" message="said so"'],
] as const) {
  test(`what is ${type.toLowerCase()} is for good`, async (t) => {
    const world = new World(t);
    await world.look();
    const name = world.requests[0]?.metadata.name ?? "";
    await world.decide(type);
    assert.deepEqual([await world.look(), await world.look(), world.requests.length, world.events], [words, words, 1, [`Warning ${type}: PodCertificateRequest shop/${name} ${event}`]]);
  });
}

test("a new certificate is asked for when it is time, a little later by chance; until it comes the old one serves, and events tell when that is late", async (t) => {
  const world = new World(t);
  await world.look();
  await world.decide("Issued");
  const first = await world.look();
  world.clock.advance(hour + 2 * minute); // before the five minutes' half
  assert.deepEqual([await world.look(), world.requests.length], [first, 1]);
  world.clock.advance(minute);
  assert.deepEqual([await world.look(), world.requests.length], [first, 2]);
  world.clock.advance(10 * minute);
  await world.look();
  assert.deepEqual(world.events, ["Warning CertificateOverdueForRefresh: PodCertificate refresh overdue"]);
  world.clock.advance(hour);
  assert.equal(await world.look(), first);
  assert.deepEqual(world.events.slice(1), ["Warning CertificateExpired: PodCertificate expired"]);
  await world.decide("Issued", { chain: pemText("CERTIFICATE", Buffer.from("next")), refreshMs: hour, lifeMs: 2 * hour });
  assert.match(await world.look(), new RegExp(Buffer.from("next").toString("base64")));
  assert.equal(world.events.length, 2);
});

test("what keeps a request from being made is told, and what is there serves on", async (t) => {
  const world = new World(t);
  const account = world.client.read(`${serviceAccounts.resource}/shop/seller`) ?? assert.fail();
  world.client.write(serviceAccounts.resource, account, "DELETED");
  assert.equal(await world.look(), 'while fetching service account: serviceaccounts "seller" not found');
  await assert.rejects(world.ask(), NotIssued);
  world.client.write(serviceAccounts.resource, account, "ADDED");
  await world.look();
  await world.decide("Issued");
  const first = await world.look();
  world.client.write(serviceAccounts.resource, account, "DELETED");
  world.clock.advance(hour + 3 * minute);
  assert.equal(await world.look(), first);
});

test("keys of pods that are gone are forgotten", async (t) => {
  const world = new World(t);
  await world.look();
  await world.decide("Issued");
  await world.look();
  world.certificates.prune((uid) => uid === "pod-uid");
  await world.look();
  assert.equal(world.requests.length, 1);
  world.certificates.prune(() => false);
  assert.equal(await world.look(), "credential bundle is not issued yet");
  assert.equal(world.requests.length, 2);
});
