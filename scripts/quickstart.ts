/** The demo: a cluster, the examples, and what one looks at. Needs what `bootstrap.mjs --node` brings. A second run finds everything there. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { styleText } from "node:util";

const root = join(import.meta.dirname, "..");
const seedpod = join(root, "seedpod");
const pods = ["nginx", "two-containers", "shared-volume", "diary"];

const title = (text: string): void => { process.stdout.write(`\n${process.stdout.isTTY ? styleText("bold", text) : `== ${text}`}\n`); };

/** Runs a command with its output shown; ends the demo when it fails. */
function show(file: string, ...args: readonly string[]): void {
  process.stdout.write(`${process.stdout.isTTY ? styleText("dim", `$ ${named(file)} ${args.join(" ")}`) : `$ ${named(file)} ${args.join(" ")}`}\n`);
  const { status } = spawnSync(file, args, { stdio: ["ignore", "inherit", "inherit"], cwd: root });
  if (status !== 0) {
    process.stderr.write(`\n✗ "${named(file)} ${args.join(" ")}" failed. "./seedpod status" and the logs in /var/lib/seedpod/default/logs tell more.\n`);
    process.exit(1);
  }
}

const ask = (file: string, ...args: readonly string[]): string => spawnSync(file, args, { encoding: "utf8", cwd: root }).stdout.trim();
const named = (file: string): string => (file === seedpod ? "./seedpod" : file);
const lines = (text: string, from: RegExp, count: number): string => {
  const all = text.split("\n");
  const at = all.findIndex((line) => from.test(line));
  return all.slice(at, at + count).join("\n");
};

title("A cluster");
show(seedpod, "up");
process.env["KUBECONFIG"] = ask(seedpod, "kubeconfig", "--path");
show(seedpod, "image", "demo");
show("kubectl", "get", "nodes", "-o", "wide");

title("The examples");
show("kubectl", "apply", "-f", "examples/");
show("kubectl", "wait", "--for=condition=Ready", "--timeout=90s", ...pods.map((name) => `pod/${name}`));
show("kubectl", "rollout", "status", "deployment/web", "--timeout=90s");
show("kubectl", "get", "pods", "-o", "wide");

title("One pod, step by step (end of kubectl describe pod nginx)");
process.stdout.write(`${lines(ask("kubectl", "describe", "pod", "nginx"), /^Events:/, 12)}\n`);
title("Why a pod waits (kubectl describe pod pending)");
process.stdout.write(`${lines(ask("kubectl", "describe", "pod", "pending"), /^Events:/, 5)}\n`);
title("Two containers share their processes: pause is process 1");
show("kubectl", "exec", "two-containers", "-c", "app", "--", "ps");
title("Logs");
show("kubectl", "logs", "nginx", "--tail=3");

title("nginx answers at the pod's address");
const address = ask("kubectl", "get", "pod", "nginx", "-o", "jsonpath={.status.podIP}");
process.stdout.write(`$ GET http://${address}/\n${await (await fetch(`http://${address}/`)).text()}`);
title("… and through kubectl port-forward");
await portForward();

title("A Deployment from 1 to 5 and back");
show("kubectl", "scale", "deployment/web", "--replicas=5");
show("kubectl", "rollout", "status", "deployment/web", "--timeout=90s");
show("kubectl", "get", "deployment", "web");
show("kubectl", "scale", "deployment/web", "--replicas=1");

process.stdout.write(`
It runs. Go on with:
  export KUBECONFIG=${process.env["KUBECONFIG"]}
  kubectl get pods -o wide
  kubectl logs -f shared-volume -c nginx
  kubectl exec -it two-containers -c app -- sh
  kubectl explain pod.spec.containers
  ./seedpod status
Stop it:
  ./seedpod down            (its data stay; "./seedpod up" goes on where it stopped)
  ./seedpod down --purge    (forgets everything)
`);

async function portForward(): Promise<void> {
  const forward = spawn("kubectl", ["port-forward", "pod/nginx", ":80"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    for await (const chunk of forward.stdout) {
      const port = /127\.0\.0\.1:(\d+)/.exec(String(chunk))?.[1];
      if (port === undefined) continue;
      process.stdout.write(`$ kubectl port-forward pod/nginx ${port}:80 &\n$ GET http://127.0.0.1:${port}/ → ${(await fetch(`http://127.0.0.1:${port}/`)).status}\n`);
      return;
    }
  } finally {
    forward.kill();
  }
}
