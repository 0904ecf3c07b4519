/** `node --test --test-global-setup`: instances for all files of an end-to-end run, one for each file that runs at a time. */
import { delimiter, join } from "node:path";
import { claimPidFile } from "#base/daemon.ts";
import { startInstance, TestInstance } from "./instance.ts";

const variable = "SEEDPOD_E2E_DATA_DIRS";

export async function globalSetup(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const instances: TestInstance[] = [];
  while (instances.length < filesAtOnce()) instances.push(await startInstance());
  process.env[variable] = instances.map(({ dataDir }) => dataDir).join(delimiter);
}

export async function globalTeardown(): Promise<void> {
  for (const dataDir of dataDirs()) await new TestInstance(dataDir).remove();
}

/** An instance that no other file has until this process ends; undefined without root, where end-to-end tests are skipped. */
export function sharedInstance(): TestInstance | undefined {
  if (dataDirs().length === 0) return undefined;
  const free = dataDirs().find((dataDir) => claimPidFile(join(dataDir, "test-file.pid")) === undefined);
  if (free === undefined) throw new Error("more test files run at once than there are instances");
  return new TestInstance(free);
}

const dataDirs = (): readonly string[] => (process.env[variable] ?? "").split(delimiter).filter(Boolean);

/** As the runner was told: the setup runs in its process. */
const filesAtOnce = (): number => Number(/^--test-concurrency=(\d+)$/m.exec(process.execArgv.join("\n"))?.[1] ?? 1);
