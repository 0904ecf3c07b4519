import { runtimeContract } from "../runtime.contract.ts";
import { newSimulatedRuntime } from "./runtime.ts";

const fail = ["sh", "-c", "exit 3"];
const runtime = newSimulatedRuntime({
  images: ["busybox"],
  script: ({ command = [] }) => (command.join() === fail.join() ? { exitAfterMs: 5, exitCode: 3 } : {}),
});
runtimeContract("the simulated runtime", async () => ({ runtime, image: "busybox", sleep: ["sleep", "1000"], fail }));
