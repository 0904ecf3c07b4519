import type { TestContext } from "node:test";
import { steadyClock, systemClock } from "#base/clock.ts";
import { runAll, type Component } from "#base/component.ts";
import { silent } from "#base/log.ts";
import { newEventRecorder } from "#client/event-recorder.ts";
import { newInformers } from "#client/informers.ts";
import type { ControllerDeps } from "#controllers/runner.ts";
import type { TestApiServer } from "./api-server.ts";

/** Runs these controllers against the server until the test ends. */
export function runControllers(t: Pick<TestContext, "after">, { client }: Pick<TestApiServer, "client">, ...make: readonly ((deps: ControllerDeps) => Component)[]): void {
  const stopping = new AbortController();
  const informers = newInformers(client, systemClock, silent);
  const deps: ControllerDeps = { client, informers, clock: systemClock, log: silent, events: (component) => newEventRecorder(client, component, undefined, systemClock, stopping.signal) };
  const running = runAll([...make.map((of) => of(deps)), informers], stopping.signal);
  t.after(async () => {
    stopping.abort();
    await running;
  });
}

/** Waits until `read` gives something. Throws after ten seconds. */
export async function eventually<T>(what: string, read: () => Promise<T | undefined | false>): Promise<T> {
  const until = steadyClock.now() + 10_000;
  for (;;) {
    const found = await read();
    if (found !== undefined && found !== false) return found;
    if (steadyClock.now() > until) throw new Error(`${what}: not within ten seconds`);
    await systemClock.sleep(20, new AbortController().signal);
  }
}
