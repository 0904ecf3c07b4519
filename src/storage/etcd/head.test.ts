import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "./connection.ts";
import { Head } from "./head.ts";

/** Answers when the test says so. */
function connection(): { readonly asked: PromiseWithResolvers<{ header: { revision: number } }>[]; readonly head: Head } {
  const asked: PromiseWithResolvers<{ header: { revision: number } }>[] = [];
  const read = (): Promise<unknown> => {
    const question = Promise.withResolvers<{ header: { revision: number } }>();
    asked.push(question);
    return question.promise;
  };
  return { asked, head: new Head({ read } as unknown as Connection, new Uint8Array()) };
}
const turns = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve(); };

test("questions that come while one is under way share the next one", async () => {
  const { asked, head } = connection();
  const first = head.read();
  const later = [head.read(), head.read()];
  asked[0]?.resolve({ header: { revision: 5 } });
  assert.equal(await first, 5);
  await turns();
  assert.equal(asked.length, 2);
  asked[1]?.resolve({ header: { revision: 7 } });
  assert.deepEqual(await Promise.all(later), [7, 7]);
});

test("those who wait for a question that gets no answer do not ask anew, those who come after it do", async () => {
  const { asked, head } = connection();
  const waiting = [head.read(), head.read(), head.read()];
  asked[0]?.reject(new Error("silent"));
  assert.deepEqual((await Promise.allSettled(waiting)).map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  assert.equal(asked.length, 1);
  const next = head.read();
  asked[1]?.resolve({ header: { revision: 9 } });
  assert.equal(await next, 9);
});
