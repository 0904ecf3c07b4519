import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { unknownField } from "../support/kubectl.ts";
import { sharedInstance } from "../support/shared-instance.ts";

const shared = sharedInstance();
const backup = (spec: object): string => JSON.stringify({ apiVersion: "example.com/v1", kind: "Backup", metadata: { name: "nightly", namespace: "default" }, spec });

describe("custom resources with kubectl", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const refused = async (input: string, ...args: readonly string[]): Promise<string> =>
    await shared.kubectlWith(input, ...args).then(() => assert.fail("kubectl should have failed"), (err: unknown) => String(err));

  before(async () => {
    await shared.kubectl("apply", "-f", "examples/custom-resource.yaml");
    await shared.kubectl("wait", "--for=condition=Established", "crd/backups.example.com", "--timeout=20s");
  });
  after(() => shared.kubectl("delete", "crd", "backups.example.com", "--ignore-not-found", "--timeout=30s"));

  test("apply, columns, and what explain says", async () => {
    await shared.kubectlWith(backup({ schedule: "0 3 * * *" }), "apply", "-f", "-");
    const path = "/apis/example.com/v1/namespaces/default/backups/nightly";
    const made = JSON.parse(await shared.kubectl("get", "--raw", path)) as object;
    await shared.kubectlWith(JSON.stringify({ ...made, status: { conditions: [{ type: "Ready", status: "True" }] } }), "replace", "--raw", `${path}/status`, "-f", "-");
    const [header = "", row = ""] = (await shared.kubectl("get", "bk")).split("\n");
    assert.match(header, /^NAME\s+SCHEDULE\s+KEEP\s+READY$/);
    assert.match(row, /^nightly\s+0 3 \* \* \*\s+7\s+True$/);
    assert.match(await shared.kubectl("explain", "backup.spec"), /What is wished for\.[^]*keep\s+<integer>\s+How many are kept\./);
  });

  test("what is wrong is refused with words", async () => {
    assert.match(await refused(backup({ schedule: "x", every: 1 }), "apply", "-f", "-"), unknownField("Backup", "every"));
    assert.match(await refused(backup({ schedule: "0 3 * * *", keep: 0 }), "apply", "-f", "-"), /spec\.keep: Invalid value: 0: spec\.keep in body should be greater than or equal to 1/);
    assert.match(await refused(backup({ schedule: "0 3 * * *", keep: 2 }), "apply", "-f", "-"), /spec: Invalid value: "object": fewer cannot be kept than before/);
  });

  test("server-side apply knows who owns what", async () => {
    const wish = backup({ schedule: "0 3 * * *", keep: 10 });
    assert.match(await refused(wish, "apply", "--server-side", "--field-manager=keeper", "-f", "-"), /conflict with "kubectl-client-side-apply" using example\.com\/v1: \.spec\.keep/);
    await shared.kubectlWith(wish, "apply", "--server-side", "--force-conflicts", "--field-manager=keeper", "-f", "-");
    assert.equal(await shared.kubectl("get", "backup", "nightly", "-o", "jsonpath={.spec.keep} {.metadata.generation}"), "10 2");
  });

  test("deleting the definition deletes its objects", async () => {
    await shared.kubectl("delete", "crd", "backups.example.com", "--timeout=30s");
    assert.match((await shared.tryKubectl("get", "backups")).stderr, /doesn't have a resource type "backups"|could not find the requested resource/);
  });
});
