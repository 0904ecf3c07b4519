import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, offer, type Pool, type Wish } from "./choose.ts";

const pool = (healthy: string, unhealthy: string = ""): Pool => ({ healthy: new Set(healthy.split("")), unhealthy: new Set(unhealthy.split("")) });
const wish = (count: number, used: string = "", reusable: string = ""): Wish => ({ resource: "example.com/d", count, used: new Set(used.split("")), reusable: reusable.split("") });

const offers: readonly { readonly name: string; readonly pool: Pool | undefined; readonly wish: Wish; readonly want: string }[] = [
  { name: "what is free, in order", pool: pool("cab"), wish: wish(2), want: "ab" },
  { name: "what others have is not free", pool: pool("abc"), wish: wish(2, "a"), want: "bc" },
  { name: "what an init container had comes first, used or not", pool: pool("abc"), wish: wish(2, "c", "c"), want: "ca" },
  { name: "what has fallen ill is not reused", pool: pool("ab", "c"), wish: wish(1, "c", "c"), want: "a" },
  { name: "no plugin", pool: undefined, wish: wish(1), want: "cannot allocate unregistered device example.com/d" },
  { name: "all ill", pool: pool("", "ab"), wish: wish(1), want: "no healthy devices present; cannot allocate unhealthy devices example.com/d" },
  { name: "too few", pool: pool("ab"), wish: wish(2, "a"), want: "requested number of devices unavailable for example.com/d. Requested: 2, Available: 1" },
];
for (const { name, pool: of, wish: asked, want } of offers)
  test(name, () => {
    const offered = offer(of, asked);
    assert.equal(offered.ok ? choose(offered.offer, asked.count).join("") : offered.why, want);
  });

test("what the plugin prefers goes before what comes first, but only of what is free", () => {
  assert.deepEqual(choose({ must: ["m"], free: ["a", "b", "c"] }, 3, ["x", "c"]), ["m", "c", "a"]);
});
