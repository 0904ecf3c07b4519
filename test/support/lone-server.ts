import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock.ts";
import { issue, type KeyPair } from "#base/pki.ts";
import { newInstance } from "#cmd/new-instance.ts";
import { newHttps, type Https } from "./https.ts";
import { ServerProcess } from "./server-process.ts";

export interface LoneServer {
  readonly process: ServerProcess;
  readonly ca: KeyPair;
  readonly admin: Https;
  /** A client certificate of the server's authority. */
  certificate(user: string, ...groups: readonly string[]): KeyPair;
  /** The longest time for which its event loop stood still since the last call, in ms. */
  stall(): Promise<number>;
  remove(): Promise<void>;
}

/** `seedpod server` on an embedded store, as users run it: a process of its own, over TLS, without a node. */
export async function startLoneServer(...flags: readonly string[]): Promise<LoneServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "seedpod-server-"));
  const { port, pkiDir } = await newInstance({ name: "test", dataDir, bindAddress: "127.0.0.1" });
  const process = await ServerProcess.start(dataDir, port, flags);
  const pem = (name: string): string => readFileSync(join(pkiDir, name), "utf8");
  const ca: KeyPair = { cert: pem("ca.crt"), key: pem("ca.key") };
  const certificate = (user: string, ...groups: readonly string[]): KeyPair => issue(ca, { commonName: user, organizations: groups, usages: ["client"], days: 1 }, systemClock.now());
  const admin = newHttps({ port, ca: ca.cert, ...certificate("admin", "system:masters") });
  return {
    process, ca, admin, certificate,
    async stall() {
      const { text } = await admin("GET", "/metrics");
      return 1000 * Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1] ?? Number.NaN);
    },
    async remove() {
      await process.stop();
      admin.close();
      rmSync(dataDir, { recursive: true, force: true });
      rmSync(`${dataDir}.log`, { force: true });
    },
  };
}
