import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Pod } from "#api/gen/core-v1.ts";
import { podOf } from "../fixture.ts";
import { containerSecurity, sandboxSecurity } from "./security-context.ts";

const container = (more: Partial<Container> = {}): Container => ({ name: "c", ...more });

const security = (
  context: NonNullable<Container["securityContext"]>,
  image: { uid?: { value: string }; username?: string },
  spec: Partial<Pod["spec"]> = {},
) => containerSecurity(podOf(spec), container({ securityContext: context }), { image, seccompDir: "/s" });

test("the container's user wins over the pod's, that over the image's", () => {
  assert.deepEqual(security({ runAsUser: 1 }, { uid: { value: "3" } }, { securityContext: { runAsUser: 2 } }).runAsUser, { value: "1" });
  assert.deepEqual(security({}, { uid: { value: "3" } }, { securityContext: { runAsUser: 2 } }).runAsUser, { value: "2" });
  assert.deepEqual(security({}, { uid: { value: "3" } }).runAsUser, { value: "3" });
  assert.equal(security({}, { username: "www" }).runAsUsername, "www");
});
const where = '\\(pod: "p_ns\\(u\\)", container: c\\)';
const refused = [
  [{ runAsNonRoot: true, runAsUser: 0 }, {}, `container's runAsUser breaks non-root policy ${where}`],
  [{ runAsNonRoot: true }, { uid: { value: "0" } }, `container has runAsNonRoot and image will run as root ${where}`],
  [
    { runAsNonRoot: true },
    { username: "www" },
    `container has runAsNonRoot and image has non-numeric user \\(www\\), cannot verify user is non-root ${where}`,
  ],
  [{ runAsNonRoot: true }, { uid: { value: "4294967296" } }, `container's user 4294967296 is not a valid user id ${where}`],
  [{ seccompProfile: { type: "Localhost", localhostProfile: "" } }, {}, "localhostProfile must be set"],
] as const;
for (const [context, image, message] of refused)
  test(`refused: ${message.slice(0, 60)}`, () => assert.throws(() => security(context, image), new RegExp(message)));

test("a Localhost profile stays beneath its directory", () =>
  assert.equal(
    security({ seccompProfile: { type: "Localhost", localhostProfile: "../../etc/passwd" } }, {}).seccomp?.localhostRef,
    "/s/etc/passwd",
  ));

test("no_new_privs and privileged", () =>
  assert.deepEqual([security({ allowPrivilegeEscalation: false }, {}).noNewPrivs, security({ privileged: true }, {}).maskedPaths], [true, []]));

for (const list of ["containers", "initContainers", "ephemeralContainers"] as const)
  test(`a privileged one of the ${list} makes its sandbox privileged, without which the runtime refuses it`, () => {
    const pod = podOf({ [list]: [container({ securityContext: { privileged: true } })] });
    assert.deepEqual([sandboxSecurity(pod, "/s").privileged, sandboxSecurity(podOf(), "/s").privileged], [true, false]);
  });
