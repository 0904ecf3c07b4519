import { homedir } from "node:os";
import { join } from "node:path";

/** `$XDG_CACHE_HOME/seedpod`, or the same under `~/.cache`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  const base = env["XDG_CACHE_HOME"];
  return join(base !== undefined && base.startsWith("/") ? base : join(homedir(), ".cache"), "seedpod");
}
