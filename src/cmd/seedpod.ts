import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheDir } from "#images/cache-dir.ts";

// Before anything else is loaded: with its code compiled already, a process starts in half the time.
enableCompileCache(join(cacheDir(), "compile"));
const { main } = await import("./main.ts");
await main(process.argv);
