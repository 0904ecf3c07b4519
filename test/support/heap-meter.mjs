/** Preloaded into a server under test: at SIGUSR2 it collects garbage and writes down what memory is left in use. */
import { appendFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const file = process.env["SEEDPOD_HEAP"];

if (file !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  process.on("SIGUSR2", () => {
    for (let i = 0; i < 3; i++) collect();
    appendFileSync(file, `${JSON.stringify(process.memoryUsage())}\n`);
  });
}
