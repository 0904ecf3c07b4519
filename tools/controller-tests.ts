/**
 * Writes into src/controllers/README.md which tests each controller has: of its rules beside them, over the real server, and with
 * real containers. The first two are found, the last are told here.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Place = `${string}.test.ts: ${string}`;
/** The test with real containers that needs the controller: its file, and a part of its name. Or why there is none. */
export const endToEnd: Readonly<Record<string, Place | `none: ${string}`>> = {
  "attach-detach": "csi.test.ts: are made, attached",
  certificates: "none: no kubelet here asks for certificates at run time",
  "clusterrole-aggregation": "none: no container sees it",
  cronjob: "jobs.test.ts: a CronJob makes a Job",
  daemonset: "workloads.test.ts: a DaemonSet has one pod on the node",
  deployment: "examples.test.ts: a Deployment goes from 1 to 5",
  "device-taint-eviction": "none: the node is told by a deletion",
  disruption: "none: an eviction is a deletion to the node",
  endpoints: "database.test.ts: it serves as its own user, at its address",
  endpointslice: "none: there is no service network",
  "endpointslice-mirroring": "none: there is no service network",
  "ephemeral-volume": "workloads.test.ts: the address of the Service kubernetes leads",
  "flow-schema": "none: no container sees it",
  "garbage-collector": "workloads.test.ts: a ReplicationController makes as many pods",
  "horizontal-pod-autoscaler": "autoscaling.test.ts: what works hard gets company",
  job: "jobs.test.ts: the pods of an indexed Job",
  "kubernetes-service": "workloads.test.ts: the address of the Service kubernetes leads",
  namespace: "reliability.test.ts: 20 pods of every sort",
  "node-ipam": "examples.test.ts: nginx answers at its pod's address",
  "node-lifecycle": "crash.test.ts: a node that dies",
  "node-ttl": "none: no container sees it",
  "persistent-volume": "examples.test.ts: data outlive the pod",
  "pod-gc": "none: it acts where there is no node",
  replicaset: "workloads.test.ts: a ReplicationController makes as many pods",
  "resource-claim": "none: this kubelet refuses pods with claims of devices",
  "resource-quota": "none: quota is the API server's",
  "root-ca": "examples.test.ts: nginx answers at its pod's address",
  "service-address": "none: no container sees it",
  "service-cidr": "none: no container sees it",
  serviceaccount: "examples.test.ts: nginx answers at its pod's address",
  statefulset: "workloads.test.ts: a StatefulSet's pods know their names",
  "storage-protection": "database.test.ts: its StatefulSet is deleted and made again",
  "taint-eviction": "none: the node is told by a deletion",
  "trust-bundle-publisher": "trust.test.ts: a pod has the anchors of the bundle that it names",
  "ttl-after-finished": "jobs.test.ts: a CronJob makes a Job, and a finished Job goes",
  "volume-expand": "csi.test.ts: they grow under it",
};

const begin = "<!-- tests: tools/controller-tests.ts -->\n";
const end = "<!-- end of tests -->\n";

export interface Covered { readonly controller: string; readonly rules: readonly string[]; readonly integration: readonly string[]; readonly endToEnd: string | undefined }

/** Each controller of `src/controllers/index.ts` with its tests. */
export function covered(root: string): Covered[] {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const integration = readdirSync(join(root, "test/integration")).filter((file) => file.endsWith(".test.ts")).map((file) => ({ file, text: read(`test/integration/${file}`) }));
  const folders = new Set([...read("src/controllers/index.ts").matchAll(/from "\.\/([a-z-]+)\//g)].map(([, folder = ""]) => folder));
  return [...folders].toSorted().map((controller) => ({
    controller,
    rules: readdirSync(join(root, "src/controllers", controller)).filter((file) => file.endsWith(".test.ts")),
    integration: integration.filter(({ text }) => text.includes(`"#controllers/${controller}/`)).map(({ file }) => file),
    endToEnd: endToEnd[controller],
  }));
}

/** The file with the table in it. */
export function withTable(readme: string, rows: readonly Covered[]): string {
  const names = (files: readonly string[]): string => files.map((file) => `\`${file.replace(".test.ts", "")}\``).join(", ");
  const last = (place = ""): string => place.replace(/^(.*)\.test\.ts: (.*)$/, '`$1`: "$2…"').replace(/^none: /, "– ");
  const table = ["| controller | rules | `test/integration/` | `test/e2e/` |", "|---|---|---|---|", ...rows.map((row) => `| \`${row.controller}/\` | ${names(row.rules)} | ${names(row.integration)} | ${last(row.endToEnd)} |`)];
  const [before = "", after = ""] = [readme.split(begin)[0], readme.split(end)[1]];
  return `${before}${begin}${table.join("\n")}\n${end}${after}`;
}

/** The table's rows, as they stand. It may lag behind new tests, which come from many hands, but tells of none that is not there. */
export function rowsOf(readme: string): Pick<Covered, "controller" | "rules" | "integration">[] {
  const table = readme.split(begin)[1]?.split(end)[0] ?? "";
  const names = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => `${name}.test.ts`);
  return [...table.matchAll(/^\| `([a-z-]+)\/` \| (.*?) \| (.*?) \| .*\|$/gm)].map(([, controller = "", rules, integration]) => ({ controller, rules: names(rules), integration: names(integration) }));
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const readme = join(root, "src/controllers/README.md");
  writeFileSync(readme, withTable(readFileSync(readme, "utf8"), covered(root)));
}
