/**
 * Every check, one after the other; goes on after a failure and ends with the sum. `node scripts/test.ts [stage…]` runs
 * some of them. Exit code 0 only when all passed.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killOldChildren } from "./watchdog.ts";

const root = join(import.meta.dirname, "..");
const bin = join(root, "node_modules/.bin");
const results = mkdtempSync(join(tmpdir(), "seedpod-test-"));
const unsteady: Failure[] = [];
/** A test or a suite that takes longer has failed; so has a file that does not end then, and it is killed. On a quiet machine the longest takes a quarter of it. */
const [testLimitMs, fileLimitMs] = [240_000, 270_000];

interface Sum { readonly passed: number; readonly failed: number; readonly skipped: number; readonly failures?: readonly Failure[] }

/** A failed test, and what the runner says of it. */
interface Failure { readonly name: string; readonly file: string; readonly detail: string }

const checks = {
  types: ["tsc"],
  lint: ["oxlint", "src", "tools", "test", "bench", "scripts"],
  layers: ["node", "tools/check-layers.ts"],
} as const;
const suites = {
  unit: ["src/**/*.test.ts", "tools/**/*.test.ts"],
  integration: ["--import=./test/support/ends-at-once.mjs", "test/integration/**/*.test.ts"],
  e2e: ["--test-concurrency=2", "--test-global-setup=test/support/shared-instance.ts", "test/e2e/**/*.test.ts"],
} as const;

type Stage = keyof typeof checks | keyof typeof suites;
const all = [...Object.keys(checks), ...Object.keys(suites)] as Stage[];

/** A check that is not a suite counts as one test. */
function check([file, ...args]: readonly string[]): Sum {
  const { status } = spawnSync(join(bin, file ?? ""), args, { stdio: ["ignore", "inherit", "inherit"], cwd: root });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * A file with a failed test is run a second time, alone: a machine that stood still for a moment is no defect of what is
 * tested. What fails again has failed; what passes only then is named at the end, for somebody to look at.
 */
async function suite(name: string, [...args]: readonly string[]): Promise<Sum> {
  const first = await run(name, args);
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (files.length === 0 || files.includes("")) return first;
  process.stdout.write(`\n== ${name}, again: ${files.join(" ")}\n`);
  const again = await run(`${name}-again`, [...args.filter((arg) => arg.startsWith("--")), "--test-concurrency=1", ...files]);
  const mended = again.failed === 0 ? first.failed : first.failures.length - again.failures.length;
  first.failures.filter((failure) => !again.failures.some((other) => other.name === failure.name)).forEach((failure) => unsteady.push(failure));
  return { ...first, passed: first.passed + mended, failed: first.failed - mended, failures: again.failures };
}

async function run(name: string, args: readonly string[]): Promise<Sum & { readonly failures: readonly Failure[] }> {
  const report = join(results, `${name}.tap`);
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap", `--test-reporter-destination=${report}`];
  const options = ["--disable-warning=ExperimentalWarning", "--test", `--test-timeout=${testLimitMs}`, ...reporters];
  const runner = spawn(join(bin, "node"), [...options, ...args], { stdio: ["ignore", "inherit", "inherit"], cwd: root });
  const over = new AbortController();
  void killOldChildren(runner.pid ?? 0, fileLimitMs, (line) => process.stdout.write(`${line}\n`), over.signal);
  const [status] = await once(runner, "exit") as [number | null];
  over.abort();
  const text = readSafely(report);
  const count = (word: string): number => Number(new RegExp(`^# ${word} (\\d+)`, "m").exec(text)?.[1] ?? 0);
  const failed = count("fail") + count("cancelled");
  return { passed: count("pass"), failed: status !== 0 && failed === 0 ? 1 : failed, skipped: count("skipped"), failures: failuresOf(text) };
}

/** The failed tests of a TAP report; a suite that failed only through its tests is none. */
function failuresOf(tap: string): Failure[] {
  return [...tap.matchAll(/^( *)not ok \d+ - (.*)\n\1 {2}---\n([\s\S]*?)^\1 {2}\.\.\.$/gm)]
    .filter(([, , , detail = ""]) => !detail.includes("failureType: 'subtestsFailed'"))
    .map(([, indent = "", name = "", detail = ""]) => ({ name, file: /location: '(.*?):\d+:\d+'/.exec(detail)?.[1] ?? "", detail: detail.replaceAll(`\n${indent}`, "\n").slice(0, 3_000) }));
}

function readSafely(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the runner did not come so far
  }
}

const asked = process.argv.slice(2);
const wrong = asked.find((name) => !(all as string[]).includes(name));
if (wrong !== undefined) throw new Error(`there is no stage ${wrong}; there are ${all.join(", ")}`);
const stages = all.filter((name) => asked.length === 0 || asked.includes(name));
if (stages.includes("e2e") && process.getuid?.() !== 0) process.stdout.write("Without root the tests that run containers are skipped.\n");

const sums: (Sum & { readonly stage: Stage })[] = [];
for (const stage of stages) {
  process.stdout.write(`\n== ${stage}\n`);
  sums.push({ stage, ...(stage in checks ? check(checks[stage as keyof typeof checks]) : await suite(stage, suites[stage as keyof typeof suites])) });
}
rmSync(results, { recursive: true });

process.stdout.write("\n");
for (const { name, detail } of unsteady) process.stdout.write(`passed only at the second try: ${name}\n${detail}`);
for (const { stage, failures = [] } of sums) for (const { name, detail } of failures) process.stdout.write(`${stage}: ✖ ${name}\n${detail}`);
for (const { stage, passed, failed, skipped } of sums) process.stdout.write(`${stage.padEnd(12)} ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
const total = (key: keyof Sum): number => sums.reduce((sum, entry) => sum + entry[key], 0);
process.stdout.write(`${total("passed")} passed, ${total("failed")} failed\n`);
process.exitCode = total("failed") === 0 ? 0 : 1;
