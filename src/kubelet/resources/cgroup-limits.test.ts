import assert from "node:assert/strict";
import { test } from "node:test";
import { LastingLimits } from "./cgroup-limits.ts";

const [few, many] = [{ shares: 2, quota: 0, memory: 0, pids: 0 }, { shares: 1024, quota: 0, memory: 0, pids: 0 }];

test("limits are written when they change, when the cgroup has gone, after a failure, and not else", async () => {
  const [written, there]: [string[], Set<string>] = [[], new Set()];
  let refused = false;
  const limits = new LastingLimits((path, { shares }) => {
    written.push(`${path} ${shares}`);
    there.add(path);
    return refused ? Promise.reject(new Error("the kernel refuses")) : Promise.resolve();
  }, (path) => there.has(path));
  const writes = async (path: string, now: typeof few): Promise<readonly string[]> => {
    written.length = 0;
    await limits.ensure(path, now).catch(() => {});
    return [...written];
  };
  assert.deepEqual(await writes("/a/pod1", few), ["/a/pod1 2"]);
  assert.deepEqual(await writes("/a/pod1", few), []);
  assert.deepEqual(await writes("/a/pod2", few), ["/a/pod2 2"]);
  assert.deepEqual(await writes("/a/pod1", many), ["/a/pod1 1024"]);
  there.delete("/a/pod1");
  assert.deepEqual(await writes("/a/pod1", many), ["/a/pod1 1024"]);
  limits.forget("pod1");
  assert.deepEqual(await writes("/a/pod1", many), ["/a/pod1 1024"]);
  assert.deepEqual(await writes("/a/pod2", few), []);
  refused = true;
  assert.deepEqual(await writes("/a/pod2", many), ["/a/pod2 1024"]);
  refused = false;
  assert.deepEqual(await writes("/a/pod2", few), ["/a/pod2 2"]);
});
