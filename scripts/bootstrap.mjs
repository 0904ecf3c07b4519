// Brings what is missing, each only if absent: npm packages (Node 24 among them), and, with --node (or --test, as root),
// the programs that a Kubernetes node is made of. Runs on any Node from 12 on and needs nothing installed.
import { spawnSync } from "child_process";
import { createHash } from "crypto";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "fs";
import { dirname, join } from "path";
import { fileURLToPath } from "url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isRoot = process.getuid && process.getuid() === 0;
/** Tests that run containers are skipped without root: then nothing is needed for them. */
const wantsNode = process.argv.includes("--node") || (process.argv.includes("--test") && isRoot);

const step = (text) => process.stderr.write(`• ${text}\n`);
function fail(text) {
  process.stderr.write(`\n✗ ${text}\n`);
  process.exit(1);
}

function run(file, args, options) {
  const result = spawnSync(file, args, Object.assign({ cwd: root, stdio: ["ignore", "inherit", "inherit"] }, options));
  if (result.error) fail(`${file} cannot be started: ${result.error.message}`);
  return result.status === 0;
}

/** The major version of a Node, or 0. */
function nodeVersion(path) {
  const result = spawnSync(path, ["--version"], { encoding: "utf8" });
  const found = /^v(\d+)/.exec(result.stdout || "");
  return found ? Number(found[1]) : 0;
}

function npmPackages() {
  const own = join(root, "node_modules/.bin/node");
  const stamp = join(root, "node_modules/.seedpod-installed");
  const wanted = createHash("sha256").update(readFileSync(join(root, "package.json"))).update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && nodeVersion(own) >= 24) return;
  step("installing npm packages, Node 24 among them (half a minute)");
  // not "npm ci": it refuses a lock file where a registry lacks some other platform's optional packages
  if (!run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"])) fail("npm install failed; its words are above.");
  const brings = join(root, "node_modules/node/installArchSpecificPackage.js");
  if (nodeVersion(own) < 24 && existsSync(brings)) run(process.execPath, [brings], { cwd: dirname(brings) }); // an npm that runs no install scripts
  // once more as that Node: npm leaves out what does not suit the Node it runs on, a binary of the linter for one
  if (nodeVersion(process.execPath) < 24) run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { env: Object.assign({}, process.env, { PATH: `${dirname(own)}:${process.env.PATH}` }) });
  if (nodeVersion(own) < 24) fail("npm install did not bring Node 24 into node_modules (package \"node\"). Install Node.js 24 or later and try again.");
  if (!run(own, ["tools/explain-texts.ts"])) step("kubectl explain will show no texts: tools/explain-texts.ts failed");
  writeFileSync(stamp, wanted);
}

/** The sources as a bundle, made again when one of them has changed. */
function bundle() {
  const made = join(root, "dist/cmd/seedpod.js");
  if (existsSync(made) && spawnSync("find", [join(root, "src"), "-newer", made, "-print", "-quit"], { encoding: "utf8" }).stdout === "") return;
  step("bundling");
  if (!run(join(root, "node_modules/.bin/node"), ["tools/bundle.ts"])) step("the sources cannot be bundled: they are run as they are, which takes more memory");
}

const dirs = (process.env.PATH || "").split(":").concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"]);
function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
const has = (name) => dirs.some((dir) => executable(join(dir, name)));
const hasCni = () => ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"].some((dir) => executable(join(dir, "bridge")) && executable(join(dir, "portmap")));

/** What a node needs, and Debian's package of it. Looked for by program: another package may have brought it. */
const programs = [
  [() => has("containerd") && has("ctr"), "containerd"],
  [() => has("runc"), "runc"],
  [hasCni, "containernetworking-plugins"],
  [() => has("nft"), "nftables"],
  [() => has("iptables"), "iptables"],
  [() => has("ip"), "iproute2"],
  [() => has("mount") && has("umount"), "mount"],
  [() => has("kubectl"), "kubernetes-client"],
];
/** What tests run beside that. */
const testPrograms = [
  [() => has("etcd"), "etcd-server"],
  [() => has("etcdctl"), "etcd-client"],
  [() => existsSync("/usr/lib/python3/dist-packages/kubernetes"), "python3-kubernetes"],
];
const needed = process.argv.includes("--test") ? programs.concat(testPrograms) : programs;
const missing = () => needed.filter(([found]) => !found()).map(([, name]) => name);

function nodePrograms() {
  const packages = missing();
  if (packages.length === 0) return;
  if (!has("apt-get")) fail(`This machine lacks what these Debian packages hold: ${packages.join(", ")}. It has no apt-get: install them its own way and try again.`);
  // RUNLEVEL=1: no package starts a service then (tests start an etcd of their own)
  const env = Object.assign({}, process.env, { DEBIAN_FRONTEND: "noninteractive" }, process.argv.includes("--test") && { RUNLEVEL: "1" });
  const install = () => run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"].concat(packages), { env, stdio: ["ignore", "ignore", "inherit"] });
  step(`installing ${packages.join(", ")} (a minute)`);
  if (!install()) {
    step("asking Debian for its newest lists of packages");
    if (!run("apt-get", ["update", "-q"], { env, stdio: ["ignore", "ignore", "inherit"] }) || !install()) fail(`apt-get could not install ${packages.join(" ")}; its words are above.`);
  }
  const still = missing();
  if (still.length > 0) fail(`apt-get has installed ${packages.join(" ")}, and still something is missing of: ${still.join(", ")}.`);
}

if (process.platform !== "linux") fail(`Seedpod runs containers and needs Linux; this is ${process.platform}.`);
if (process.arch !== "x64" && process.arch !== "arm64") fail(`Seedpod runs on x86-64 and arm64; this machine is ${process.arch}.`);
if (wantsNode && !isRoot) {
  fail("A cluster's node makes namespaces, mounts and network devices: this needs root. Try \"sudo npm run quickstart\"" +
    (missing().length > 0 ? `, which will also install ${missing().join(", ")}` : "") + ".\n  (An npm older than 9 gives root's rights away in somebody else's directory: then \"sudo sh scripts/quickstart.sh\".)");
}
npmPackages();
bundle();
if (wantsNode) nodePrograms();
