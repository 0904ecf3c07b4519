/** A real database as a StatefulSet: whatever is killed under it, no row that was acknowledged is lost. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { systemClock } from "#base/clock.ts";
import { ended, signalProcess } from "#base/daemon.ts";
import { eventually } from "#base/waiting.ts";
import { runningProcess } from "#cmd/processes.ts";
import { sharedInstance } from "../support/shared-instance.ts";
import { testNamespace } from "../support/test-namespace.ts";

const shared = sharedInstance();
const limit = { timeout: 300_000 };

describe("a database in a StatefulSet", { skip: shared === undefined && "needs root" }, () => {
  assert(shared !== undefined);
  const namespace = "database-test";
  const { json, kubectl, make, remove } = testNamespace(shared, namespace);
  const pod = (): Promise<Pod> => json<Pod>("get", "pod", "mariadb-0");
  const inPod = (script: string): readonly string[] => ["-n", namespace, "exec", "mariadb-0", "--", "sh", "-c", `export MYSQL_PWD=$MARIADB_ROOT_PASSWORD; ${script}`];
  const sql = async (text: string, host = ""): Promise<string> => (await shared.kubectl(...inPod(`mariadb -uroot ${host} -N -e '${text}'`))).trim();
  const rolledOut = (): Promise<string> => kubectl("rollout", "status", "statefulset/mariadb", "--timeout=240s");
  /** Rows that have been acknowledged. */
  let rows = 0;

  const whole = async (): Promise<void> => {
    const text = await eventually(() => sql("select count(*), min(n), max(n) from shop.sales; check table shop.sales"), 120_000);
    const [count = 0, min = 0, max = 0] = text.split(/\s+/).map(Number);
    assert.equal(text.split(/\s+/).at(-1), "OK");
    assert.deepEqual([min, count], [1, max]); // one after the other, none is missing
    assert(max >= rows, `${rows} rows were acknowledged, ${max} are there`);
    rows = max;
  };
  /** Inserts row after row until it breaks. */
  const write = async (whileWriting: () => Promise<unknown>): Promise<void> => {
    const writing = shared.tryKubectl(...inPod(`n=${rows}; while mariadb -uroot -e "insert into shop.sales values ($((n + 1)))"; do n=$((n + 1)); echo $n; done`));
    await eventually(async () => assert((await sql("select count(*) from shop.sales")) >= String(rows + 5)));
    await whileWriting();
    rows = Math.max(rows, ...(await writing).stdout.trim().split("\n").map(Number));
  };

  before(async () => {
    await shared.run("image", "demo", "mariadb");
    await make();
    await kubectl("apply", "-f", "examples/database/");
    await rolledOut();
  }, limit);
  after(() => remove(120), limit);

  test("it serves as its own user, at its address, to those who know the password", limit, async () => {
    await sql("create database shop; create table shop.sales (n int primary key)");
    const { podIP = "" } = (await pod()).status;
    assert.equal(await sql("select current_user()", `-h ${podIP}`), "root@%");
    assert.equal(await kubectl("get", "endpoints", "mariadb", "-o", "jsonpath={.subsets[*].addresses[*].hostname} {.subsets[*].addresses[*].ip}"), `mariadb-0 ${podIP}`);
    assert.notEqual((await shared.tryKubectl("-n", namespace, "exec", "mariadb-0", "--", "mariadb", "-uroot", "-e", "select 1")).code, 0);
    const listing = await kubectl("exec", "mariadb-0", "--", "sh", "-c", "id -u; stat -c %g /var/lib/mysql; stat -c %U /var/lib/mysql/data");
    assert.deepEqual(listing.trim().split("\n"), ["999", "999", "mysql"]);
    assert.match(await kubectl("get", "pvc", "data-mariadb-0", "--no-headers"), /Bound/);
  });

  test("its process is killed while it writes", limit, async () => {
    const before = (await pod()).status.containerStatuses?.[0];
    await write(async () => process.kill(processOf(before?.containerID ?? ""), "SIGKILL"));
    await eventually(async () => assert.equal((await pod()).status.containerStatuses?.[0]?.restartCount, (before?.restartCount ?? 0) + 1), 60_000);
    await whole();
  });

  test("its pod is deleted without grace while it writes", limit, async () => {
    const { uid } = (await pod()).metadata;
    await write(() => kubectl("delete", "pod", "mariadb-0", "--grace-period=0", "--force"));
    await eventually(async () => assert.notEqual((await pod()).metadata.uid, uid), 60_000);
    await rolledOut();
    await whole();
  });

  test("the node's agent is killed: the database does not notice", limit, async () => {
    const before = (await pod()).status.containerStatuses?.[0];
    const agent = runningProcess(shared.settings, "agent");
    assert(agent !== undefined && signalProcess(agent, "SIGKILL"));
    await ended(agent, systemClock, 10_000, new AbortController().signal);
    await eventually(async () => assert(runningProcess(shared.settings, "agent") !== undefined), 60_000);
    await whole();
    const now = (await pod()).status.containerStatuses?.[0];
    assert.deepEqual([now?.containerID, now?.restartCount], [before?.containerID, before?.restartCount]);
  });

  test("it rolls to other arguments and another environment", limit, async () => {
    const container = { name: "mariadb", args: ["--max-connections=17"], env: [{ name: "COLOUR", value: "blue" }] };
    await kubectl("patch", "statefulset", "mariadb", "--type=strategic", "-p", JSON.stringify({ spec: { template: { spec: { containers: [container] } } } }));
    await rolledOut();
    assert.equal(await sql("select @@max_connections"), "17");
    await whole();
  });

  test("its StatefulSet is deleted and made again: the claim has stayed", limit, async () => {
    const claim = await kubectl("get", "pvc", "data-mariadb-0", "-o", "jsonpath={.spec.volumeName}");
    await kubectl("delete", "statefulset", "mariadb", "--wait=true");
    await kubectl("wait", "--for=delete", "pod/mariadb-0", "--timeout=120s").catch(() => {}); // gone before
    await kubectl("apply", "-f", "examples/database/");
    await rolledOut();
    await whole();
    assert.equal(await kubectl("get", "pvc", "data-mariadb-0", "-o", "jsonpath={.spec.volumeName}"), claim);
  });
});

/** The process on this host that is the container's first. */
function processOf(containerId: string): number {
  const id = containerId.replace(/^.*\/\//, "");
  const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(id) && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "mariadbd";
    } catch {
      return false; // it has ended meanwhile
    }
  });
  assert(found !== undefined, `a mariadbd of ${id}`);
  return Number(found);
}
