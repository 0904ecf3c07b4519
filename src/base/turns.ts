import { createServer } from "node:net";
import type { Clock } from "./clock.ts";

const pollMs = 50;

/**
 * Waits until no other process of this host is at what `name` names, and keeps the others out until disposed of.
 * A name in the kernel's own table (unix(7), abstract sockets) does it: it is gone with its process, however that ends.
 *
 * @param waiting called once, when somebody else is at it
 */
export async function takeTurn(name: string, clock: Clock, signal: AbortSignal, waiting: () => void = () => {}): Promise<Disposable> {
  let told = false;
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    const code = await listen(server, `\0seedpod-${name}`);
    if (code === undefined) return { [Symbol.dispose]: () => void server.close() };
    if (code !== "EADDRINUSE") throw new Error(`cannot wait for a turn at ${name}: ${code}`);
    if (!told) waiting();
    told = true;
    await clock.sleep(pollMs, signal);
  }
}

/** The error's code, or undefined when it listens. */
function listen(server: ReturnType<typeof createServer>, path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  server.once("error", (err: NodeJS.ErrnoException) => resolve(err.code ?? err.message));
  server.listen({ path }, () => { server.unref(); resolve(undefined); });
  return promise;
}
