import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where the distributions put what root runs; an ordinary user's PATH may lack them. */
const systemDirs = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The program's path, looked for in PATH and in the system's directories. */
export function findProgram(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const dirs = [...(env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/")), ...systemDirs];
  return dirs.map((dir) => join(dir, name)).find(executable);
}

/** The directory with the CNI reference plugins: Debian's, or the one of everybody else. */
export function findCniPlugins(dirs: readonly string[] = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"]): string | undefined {
  return dirs.find((dir) => ["bridge", "host-local", "portmap", "loopback"].every((name) => executable(join(dir, name))));
}

/** A PATH with which we and containerd find the system's programs wherever we were started from. */
export const systemPath = (env: NodeJS.ProcessEnv = process.env): string => [...new Set([...(env["PATH"] ?? "").split(":").filter(Boolean), ...systemDirs])].join(":");

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
