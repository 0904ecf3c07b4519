/** `node --test --test-global-setup`: one instance for all files of an end-to-end run. */
import { startInstance, TestInstance } from "./instance.ts";

const variable = "SEEDPOD_E2E_DATA_DIR";

export async function globalSetup(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const instance = await startInstance();
  process.env[variable] = instance.dataDir;
}

export async function globalTeardown(): Promise<void> {
  const dataDir = process.env[variable];
  if (dataDir !== undefined) await new TestInstance(dataDir).remove();
}

/** The instance of this run; undefined without root, where end-to-end tests are skipped. */
export function sharedInstance(): TestInstance | undefined {
  const dataDir = process.env[variable];
  return dataDir === undefined ? undefined : new TestInstance(dataDir);
}
