import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exec, tryExec } from "#base/exec.ts";
import { pause } from "#base/waiting.ts";
import type { TestEtcd } from "../../test/support/etcd.ts";

/** Something that keeps a store from writing, for a while. */
export interface Trouble { readonly name: string; begin(): Promise<void>; end(): Promise<void> }

/** A file system of its own, so small that it is soon full. Needs root. */
export class SmallDisk {
  readonly path: string = mkdtempSync(join(tmpdir(), "seedpod-small-"));

  static async mount(megabytes: number): Promise<SmallDisk> {
    const disk = new SmallDisk();
    await exec("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", disk.path]);
    return disk;
  }

  async unmount(): Promise<void> {
    await exec("umount", [this.path]);
    rmdirSync(this.path);
  }
}

/** Another's file takes all but a little of the space. */
export function full(disk: SmallDisk): Trouble {
  const filler = join(disk.path, "filler");
  return {
    name: "disk full",
    async begin() {
      for (let spare = 64; ; spare *= 2) { // others write meanwhile
        const { bavail, bsize } = statfsSync(disk.path);
        if ((await tryExec("fallocate", ["-l", String(Math.max(1, bavail - spare) * bsize), filler])).code === 0) return;
      }
    },
    end: async () => rmSync(filler),
  };
}

/** These system calls of a process fail with EIO, by strace. */
export function failing(name: string, calls: string, pid: () => number): Trouble {
  let strace: ChildProcess | undefined;
  return {
    name,
    async begin() {
      strace = spawn("strace", ["-f", "-q", "-p", String(pid()), "-e", `trace=${calls}`, "-e", "signal=none", "-e", `inject=${calls}:error=EIO`, "-o", "/dev/null"], { stdio: "ignore" });
      await pause(1_000); // it holds all threads by then
    },
    async end() {
      if (strace === undefined || strace.exitCode !== null || strace.signalCode !== null) return;
      const ended = once(strace, "exit");
      strace.kill("SIGINT");
      await ended;
    },
  };
}

/** etcd takes nothing more: its database has come to its quota. Ends as its operators would have it. @param fill writes until it is so */
export function quotaSpent(etcd: TestEtcd, fill: () => Promise<void>, free: () => Promise<void>): Trouble {
  const etcdctl = (...args: readonly string[]): Promise<string> => exec("etcdctl", ["--endpoints", etcd.url, ...args], { env: { ...process.env, ETCDCTL_API: "3" } });
  return {
    name: "NOSPACE alarm",
    begin: fill,
    async end() {
      await free();
      const [status] = JSON.parse(await etcdctl("endpoint", "status", "-w", "json")) as readonly { readonly Status: { readonly header: { readonly revision: number } } }[];
      await etcdctl("compaction", "--physical", String(status?.Status.header.revision));
      await etcdctl("defrag");
      await etcdctl("alarm", "disarm");
    },
  };
}
