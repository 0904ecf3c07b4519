import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret } from "#api/gen/core-v1.ts";
import { podOf } from "../fixture.ts";
import { imageAuth } from "./image-auth.ts";

const dockerConfig = (auths: object): Secret => ({ metadata: { name: "s" }, type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") } });
const secrets = new Map([
  ["whole", dockerConfig({ "r.example": { username: "u", password: "p" } })],
  ["part", dockerConfig({ "https://r.example/team": { auth: Buffer.from("a:b:c").toString("base64") }, "other.example": { username: "x" } })],
  ["broken", { metadata: { name: "s" }, data: { ".dockerconfigjson": "e30K" } } satisfies Secret],
]);

/** What is tried for an image, and the events, with these secrets of a pod. */
async function tried(image: string, ...names: string[]): Promise<{ readonly users: unknown; readonly told: readonly string[] }> {
  const told: string[] = [];
  const secret = async (_namespace: string, name: string): Promise<Secret> => secrets.get(name) ?? Promise.reject(new Error(`no ${name}`));
  const events = { event: (_about: object, type: string, reason: string, message: string) => { told.push(`${type} ${reason}: ${message}`); } };
  const auths = await imageAuth(podOf({ imagePullSecrets: names.map((name) => ({ name })) }), image, { objects: { secret }, events });
  return { users: auths.map(({ username, password }) => `${username}:${password}`), told };
}

test("the credentials of the longest path are tried first, those of other registries not at all", async () => {
  assert.deepEqual(await tried("r.example/team/app:1", "whole", "broken", "part"), { users: ["a:b:c", "u:p"], told: [] });
  assert.deepEqual(await tried("third.example/app", "whole", "part"), { users: [], told: [] });
});

test("secrets that are not there are told of, and the pull is tried without them", async () => {
  const told = ["Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (no1, no2); attempting to pull the image may not succeed."];
  assert.deepEqual(await tried("r.example/app", "no1", "whole", "no2"), { users: ["u:p"], told });
});
