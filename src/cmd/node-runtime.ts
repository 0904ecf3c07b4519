import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { exec } from "#base/exec.ts";
import type { Logger } from "#base/log.ts";
import { containerdConfig } from "#containerd/config.ts";
import { hasCapSysResource, snapshotterFor } from "#containerd/host.ts";
import { ContainerdSupervisor } from "#containerd/supervisor.ts";
import { programVersion } from "#containerd/versions.ts";
import type { Runtime } from "#cri/runtime.ts";
import { architectureOf, pauseArchive, pauseImage } from "#images/pause-image.ts";
import type { InstancePaths } from "./instance.ts";
import { requireNodePrograms, requireProgram } from "./requirements.ts";
import { UserError } from "./user-error.ts";

/** The supervisor of the instance's own containerd. Makes its directories; throws `UserError` when a program is missing. */
export async function instanceContainerd(paths: InstancePaths, clock: Clock, log: Logger): Promise<ContainerdSupervisor> {
  const programs = requireNodePrograms();
  const dir = paths.containerdDir;
  const version = await programVersion("containerd", programs.containerd);
  if (version === undefined) throw new UserError(`${programs.containerd} does not run: "containerd --version" fails.`);
  for (const path of [dir, join(dir, "certs.d"), paths.shortDir].slice(0, paths.containerdSocket.startsWith(dir) ? 2 : 3)) mkdirSync(path, { recursive: true, mode: 0o711 });
  const config = containerdConfig({
    root: join(dir, "root"), state: join(dir, "state"), socket: paths.containerdSocket, runcRoot: join(dir, "runc"),
    cniBinDir: programs.cniBinDir, cniConfDir: join(paths.cniDir, "conf.d"), registryHostsDir: join(dir, "certs.d"),
    sandboxImage: pauseImage, snapshotter: snapshotterFor(dir), restrictOomScoreAdj: !hasCapSysResource(),
  }, Number(version.version.split(".")[0]));
  return new ContainerdSupervisor({
    program: programs.containerd, config, configFile: join(dir, "config.toml"), socket: paths.containerdSocket,
    pidFile: paths.containerdPid, logFile: join(paths.logDir, "containerd.log"),
  }, clock, log);
}

/** Loads an image archive (docker or OCI) into the instance's containerd, where CRI sees it. Returns the images' names. Throws `ExecError`. */
export async function importImages(ctr: string, paths: InstancePaths, file: string | Buffer): Promise<string[]> {
  const args = ["--address", paths.containerdSocket, "--namespace", "k8s.io", "images", "import"];
  const out = typeof file === "string" ? await exec(ctr, [...args, "--", file]) : await exec(ctr, [...args, "-"], { input: file });
  return [...out.matchAll(/^unpacking (\S+)/gm)].map((match) => match[1] ?? "");
}

/** Brings the sandbox image, which comes with us, unless the node has it. */
export async function ensurePauseImage(paths: InstancePaths, runtime: Runtime): Promise<void> {
  const { image } = await runtime.images.imageStatus({ image: { image: pauseImage } });
  if (image === undefined) await importImages(requireProgram("ctr"), paths, await pauseArchive(architectureOf(process.arch)));
}

const patienceMs = 30_000;
const pauseMs = 50;

/** Returns when the runtime answers: containerd takes connections before it has looked at what it left. Throws its last refusal when there is no more patience. */
export async function untilAnswers(runtime: Pick<Runtime, "status">, clock: Clock, signal: AbortSignal): Promise<void> {
  const deadline = clock.now() + patienceMs;
  for (;;) {
    try {
      await runtime.status({});
      return;
    } catch (err) {
      if (clock.now() >= deadline) throw err;
    }
    await clock.sleep(pauseMs, signal);
  }
}
