import { existsSync } from "node:fs";
import { ExecError } from "#base/exec.ts";
import { readPidFile } from "#base/daemon.ts";
import { messageOf } from "#base/error-message.ts";
import { newGrpcRuntime } from "#cri/grpc/runtime.ts";
import { demoArchive, type DemoSet } from "#images/demo-images.ts";
import { architectureOf } from "#images/pause-image.ts";
import type { Instance } from "./instance.ts";
import { importImages } from "./node-runtime.ts";
import { print, say, table } from "./output.ts";
import { requireProgram, requireRoot } from "./requirements.ts";
import { UserError } from "./user-error.ts";

/** Loads archives one after the other and prints the images' names. */
export async function loadImages(instance: Instance, files: readonly string[]): Promise<void> {
  requireNode(instance, "image load");
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new UserError(`There is no file ${missing}.`);
  for (const file of files) for (const name of await load(instance, file)) print(name);
}

/** Builds a set of the examples' images, or takes them from the cache, and loads them. */
export async function loadDemoImages(instance: Instance, set: DemoSet): Promise<void> {
  requireNode(instance, "image demo");
  const archive = await demoArchive(architectureOf(process.arch), (step) => say(`  ${step} …`), set).catch((err: unknown) => {
    throw new UserError(`The demo images cannot be built: ${messageOf(err)}`);
  });
  await loadImages(instance, [archive]);
}

/** Prints the node's images, one row for each name. */
export async function listImages(instance: Instance, json: boolean): Promise<void> {
  requireNode(instance, "image list");
  const runtime = newGrpcRuntime(instance.containerdSocket);
  try {
    const { images = [] } = await runtime.images.listImages({});
    const rows = images.flatMap(({ id = "", repoTags = [], size = "0" }) => (repoTags.length > 0 ? repoTags : ["<none>"]).map((name) => ({ name, id, sizeBytes: Number(size) })));
    if (json) print(JSON.stringify(rows, undefined, 2));
    else print(table([["IMAGE", "ID", "SIZE"], ...rows.map(({ name, id, sizeBytes }) => [name, id.replace("sha256:", "").slice(0, 12), `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`])]));
  } finally {
    runtime.close();
  }
}

async function load(instance: Instance, file: string): Promise<string[]> {
  try {
    return await importImages(requireProgram("ctr"), instance, file);
  } catch (err) {
    if (!(err instanceof ExecError)) throw err;
    throw new UserError(`${file} could not be loaded; it should be a docker or OCI archive. containerd says: ${err.result.stderr.trim().split("\n").at(-1)}`);
  }
}

function requireNode(instance: Instance, command: string): void {
  requireRoot(command);
  if (readPidFile(instance.containerdPid) === undefined) throw new UserError(`The instance in ${instance.dataDir} does not run. Start it with "seedpod up".`);
}
