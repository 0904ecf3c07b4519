/**
 * Every check, one after the other; goes on after a failure and ends with the sum. `node scripts/test.ts [stage…]` runs
 * some of them. Exit code 0 only when all passed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = join(root, "node_modules/.bin");
const results = mkdtempSync(join(tmpdir(), "seedpod-test-"));

interface Sum { readonly passed: number; readonly failed: number; readonly skipped: number }

const checks = {
  types: ["tsc"],
  lint: ["oxlint", "src", "tools", "test", "bench", "scripts"],
  layers: ["node", "tools/check-layers.ts"],
} as const;
const suites = {
  unit: ["src/**/*.test.ts", "tools/**/*.test.ts"],
  integration: ["test/integration/**/*.test.ts"],
  e2e: ["--test-concurrency=1", "--test-global-setup=test/support/shared-instance.ts", "test/e2e/**/*.test.ts"],
} as const;

type Stage = keyof typeof checks | keyof typeof suites;
const all = [...Object.keys(checks), ...Object.keys(suites)] as Stage[];

/** A check that is not a suite counts as one test. */
function check([file, ...args]: readonly string[]): Sum {
  const { status } = spawnSync(join(bin, file ?? ""), args, { stdio: ["ignore", "inherit", "inherit"], cwd: root });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

function suite(name: string, args: readonly string[]): Sum {
  const report = join(results, `${name}.tap`);
  const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap", `--test-reporter-destination=${report}`];
  const { status } = spawnSync(join(bin, "node"), ["--disable-warning=ExperimentalWarning", "--test", ...reporters, ...args], { stdio: ["ignore", "inherit", "inherit"], cwd: root });
  const text = readSafely(report);
  const count = (word: string): number => Number(new RegExp(`^# ${word} (\\d+)`, "m").exec(text)?.[1] ?? 0);
  const failed = count("fail") + count("cancelled");
  return { passed: count("pass"), failed: status !== 0 && failed === 0 ? 1 : failed, skipped: count("skipped") };
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
  sums.push({ stage, ...(stage in checks ? check(checks[stage as keyof typeof checks]) : suite(stage, suites[stage as keyof typeof suites])) });
}
rmSync(results, { recursive: true });

process.stdout.write("\n");
for (const { stage, passed, failed, skipped } of sums) process.stdout.write(`${stage.padEnd(12)} ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
const total = (key: keyof Sum): number => sums.reduce((sum, entry) => sum + entry[key], 0);
process.stdout.write(`${total("passed")} passed, ${total("failed")} failed\n`);
process.exitCode = total("failed") === 0 ? 0 : 1;
