/**
 * `node --import`: a process that has nothing more to do ends, without taking its connections apart first. For one that
 * was cut in the middle of a request Node waits there for ever (`CleanupHandles`); `--test-force-exit` would end it too,
 * but before the last results are told.
 */
process.once("beforeExit", () => {
  process.on("exit", (code) => process.reallyExit(code)); // behind all who listened before
});
