import assert from "node:assert/strict";
import { test } from "node:test";
import { Places } from "./places.ts";

test("who finds no place waits for one, in the order of coming; who leaves the line is passed over", async () => {
  const places = new Places(2);
  const [stays, leaves] = [new AbortController().signal, new AbortController()];
  const came: string[] = [];
  const comes = async (name: string, signal = stays): Promise<Disposable | undefined> => {
    const place = await places.take(signal);
    came.push(`${name}${place === undefined ? " left" : ""}`);
    return place;
  };
  const [a, b] = [await comes("a"), await comes("b")];
  const [c, d, e] = [comes("c"), comes("d", leaves.signal), comes("e")];
  assert.equal(await comes("f", AbortSignal.abort()), undefined);
  leaves.abort();
  await d;
  a?.[Symbol.dispose]();
  (await c)?.[Symbol.dispose]();
  await e;
  b?.[Symbol.dispose]();
  await comes("g");
  assert.deepEqual(came, ["a", "b", "f left", "d left", "c", "e", "g"]);
});
