import type { TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
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
