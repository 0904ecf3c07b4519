import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Paths } from "../paths.ts";
import { freeRange, userNamespaceProblem, UserNamespaces } from "./user-namespaces.ts";

async function newPaths(t: TestContext): Promise<Paths> {
  const root = await mkdtemp(join(tmpdir(), "userns-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const paths = new Paths(root, root);
  await mkdir(paths.pods);
  return paths;
}

const range = (hostId: number) => [{ hostId, containerId: 0, length: 65_536 }];

test("pods that come at once have ranges of their own, and keep them over a restart", async (t) => {
  const paths = await newPaths(t);
  const namespaces = new UserNamespaces(paths);
  const given = await Promise.all(["a", "b", "c"].map((uid) => namespaces.ensure(uid)));
  assert.deepEqual(given.map(({ uids }) => uids), [range(65_536), range(131_072), range(196_608)]);
  assert.deepEqual(given.map(({ gids }) => gids), given.map(({ uids }) => uids));
  assert.deepEqual(await new UserNamespaces(paths).ensure("b"), { mode: "POD", uids: range(131_072), gids: range(131_072) });
  assert.deepEqual(JSON.parse(await readFile(paths.userNamespace("b"), "utf8")), { uidMappings: range(131_072), gidMappings: range(131_072) });
});

test("a range that was given back is given again", async (t) => {
  const namespaces = new UserNamespaces(await newPaths(t));
  await namespaces.ensure("a");
  await namespaces.ensure("b");
  await namespaces.release("a");
  await namespaces.release("a");
  assert.deepEqual((await namespaces.ensure("c")).uids, range(65_536));
});

test("a range that does not read as one of ours is not guessed at", async (t) => {
  const paths = await newPaths(t);
  await mkdir(paths.pod("a"));
  await writeFile(paths.userNamespace("a"), JSON.stringify({ uidMappings: range(0), gidMappings: range(0) }));
  await assert.rejects(new UserNamespaces(paths).ensure("a"), { message: "user namespace: invalid user namespace configuration" });
});

test("there is a range for each of 110 pods, and no more", () => {
  const taken = new Set<number>();
  for (let i = 0; i < 110; i++) taken.add(freeRange(taken) ?? 0);
  assert.deepEqual([taken.size, Math.max(...taken), freeRange(taken)], [110, 110 * 65_536, undefined]);
});

const handlers = new Map([["", true], ["old", false]]);
const problems = [
  { handler: "", want: undefined },
  { handler: "old", want: "can't set `spec.hostUsers: false`, RuntimeClass handler \"old\" does not support user namespaces" },
  { handler: "new", want: "can't set `spec.hostUsers: false`, RuntimeClass handler \"new\" does not support user namespaces: the handler \"new\" is not known" },
];
for (const { handler, want } of problems) test(`users of its own by the handler "${handler}"`, () => assert.equal(userNamespaceProblem(handler, handlers), want));
