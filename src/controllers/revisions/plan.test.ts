import assert from "node:assert/strict";
import { test } from "node:test";
import type { ControllerRevision } from "#api/gen/apps-v1.ts";
import { dataOf, excess, next, revisionHash, revisionName, templateOf } from "./plan.ts";

const template = (image: string): object => ({ metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } });
const revision = (name: string, number: number, image = name): ControllerRevision => ({ metadata: { name }, revision: number, data: dataOf(template(image)) });
const three = [revision("c", 3), revision("a", 1), revision("b", 2)];

// Upstream: pkg/controller/statefulset TestStatefulSetControlGetRevisions
const cases: readonly { readonly name: string; readonly have: readonly ControllerRevision[]; readonly image: string; readonly want: readonly unknown[] }[] = [
  { name: "the first template is revision 1", have: [], image: "a", want: ["create", 1, undefined] },
  { name: "a new template gets the next number", have: three, image: "d", want: ["create", 4, undefined] },
  { name: "the newest one's template needs nothing", have: three, image: "c", want: ["keep", undefined, "c"] },
  { name: "an old template comes back under the next number", have: three, image: "a", want: ["renumber", 4, "a"] },
  { name: "of two with one template the newest counts", have: [...three, revision("a2", 4, "a")], image: "a", want: ["keep", undefined, "a2"] },
];
for (const { name, have, image, want } of cases) {
  test(name, () => {
    const due = next(have, dataOf(template(image)));
    assert.deepEqual([due.do, "number" in due ? due.number : undefined, "revision" in due ? due.revision.metadata.name : undefined], want);
  });
}

test("a revision gives its template back", () => assert.deepEqual(templateOf(revision("a", 1)), template("a")));

test("names follow Go's FNV-1 over Go's JSON, and collisions change them", () => {
  assert.deepEqual([revisionHash({}, 0), revisionHash({}, 1), revisionHash({ b: "<1>", a: 1 }, 0)], ["cccc864bc", "cccc864bb", "78944885b8"]);
  assert.equal(revisionName("w".repeat(300), "x").length, 225);
});

test("data are written as Go writes maps", () =>
  assert.equal(JSON.stringify(dataOf({ spec: { containers: [{ name: "web", image: "web:1" }] }, metadata: {} })), '{"spec":{"template":{"$patch":"replace","metadata":{},"spec":{"containers":[{"image":"web:1","name":"web"}]}}}}'));

test("the oldest beyond the limit go, but for those that pods have", () => {
  const gone = (limit: number, ...live: readonly string[]): string[] => excess(three, limit, ({ metadata }) => live.includes(metadata.name)).map(({ metadata }) => metadata.name);
  assert.deepEqual([gone(3), gone(1), gone(0), gone(1, "a"), gone(0, "b")], [[], ["a", "b"], ["a", "b", "c"], ["b", "c"], ["a", "c"]]);
});
