import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ClusterTrustBundleProjection } from "#api/gen/core-v1.ts";
import { clusterTrustBundles } from "#api/resources.ts";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { pemText } from "#base/pem.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { until } from "#base/waiting.ts";
import { newInformers } from "#client/informers.ts";
import { FakeClient } from "../fake-client.ts";
import { TrustAnchors } from "./trust-anchors.ts";

const anchor = (text: string): string => pemText("CERTIFICATE", Buffer.from(text));
const signerName = "example.com/web";
/** By the digests of `one`, `two` and `three`. */
const [one, two, three] = [anchor("one"), anchor("two"), anchor("three")];

async function start(t: TestContext): Promise<{ readonly put: (name: string, trustBundle: string, more?: object, labels?: Record<string, string>) => Promise<void>; readonly read: (projection: Partial<ClusterTrustBundleProjection>) => Promise<string> }> {
  const client = new FakeClient();
  const informers = newInformers(client, systemClock, silent);
  const stopping = new AbortController();
  const running = informers.run(stopping.signal);
  t.after(async () => {
    stopping.abort();
    await running;
  });
  const anchors = new TrustAnchors(informers, systemClock);
  const put = async (name: string, trustBundle: string, more: object = {}, labels: Record<string, string> = {}): Promise<void> => { client.write(clusterTrustBundles.resource, { metadata: { name, labels }, spec: { trustBundle, ...more } } as never, "ADDED"); };
  return { put, read: (projection) => anchors.of({ path: "ca.pem", ...projection }, t.signal) };
}

test("a bundle by its name: each anchor once, without the words between, in an order of the anchors' own", async (t) => {
  const { put, read } = await start(t);
  await put("a", `words\n${two}\n${one}${two}`);
  await put("b", `${one}${two}`);
  assert.deepEqual([await read({ name: "a" }), await read({ name: "b" })], [two + one, two + one]);
});

test("all bundles of a signer, or those with some labels", async (t) => {
  const { put, read } = await start(t);
  await put("example.com:web:1", one, { signerName }, { stage: "live" });
  await put("example.com:web:2", two + one, { signerName }, { stage: "canary" });
  await put("other", three, { signerName: "example.com/other" }, { stage: "live" });
  assert.equal(await read({ signerName, labelSelector: {} }), two + one);
  assert.equal(await read({ signerName, labelSelector: { matchLabels: { stage: "live" } } }), one);
});

const refused: readonly (readonly [name: string, projection: Partial<ClusterTrustBundleProjection>, words: string])[] = [
  ["a name that is not there", { name: "x" }, 'while getting ClusterTrustBundle: clustertrustbundle.certificates.k8s.io "x" not found'],
  ["a signer without a selector, which selects nothing", { signerName }, "combination of signerName and labelSelector matched zero ClusterTrustBundles"],
  ["labels that no bundle has", { signerName, labelSelector: { matchLabels: { a: "b" } } }, "combination of signerName and labelSelector matched zero ClusterTrustBundles"],
  ["neither name nor signer", {}, "ClusterTrustBundle projection requires either name or signerName to be set"],
  ["a selector without end", { signerName, labelSelector: { matchLabels: { a: "x".repeat(102_400) } } }, "label selector length (102402) is larger than 102400"],
];
for (const [name, projection, words] of refused) {
  test(`${name} is refused`, async (t) => {
    const { put, read } = await start(t);
    await put("example.com:web:1", one, { signerName });
    await assert.rejects(read(projection), { message: words });
  });
}

test("what may be missing is empty", async (t) => {
  const { read } = await start(t);
  assert.deepEqual([await read({ name: "x", optional: true }), await read({ signerName, labelSelector: {}, optional: true })], ["", ""]);
});

test("a changed bundle is read anew", async (t) => {
  const { put, read } = await start(t);
  await put("a", one);
  assert.equal(await read({ name: "a" }), one);
  await put("a", three);
  await until("the new anchor", async () => await read({ name: "a" }) === three);
});

test("a server that lists no bundles keeps nobody waiting", async (t) => {
  const clock = new VirtualClock(0);
  const anchors = new TrustAnchors(newInformers(new FakeClient(), clock, silent), clock); // nobody runs them
  const read = assert.rejects(anchors.of({ path: "p", name: "a" }, t.signal), { message: "ClusterTrustBundle informer has not yet synced" });
  await new Promise(setImmediate);
  clock.advance(5_000);
  await read;
});
