import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock.ts";
import { issue, type KeyPair } from "#base/pki.ts";
import { pause } from "#base/waiting.ts";
import { newInstance } from "#cmd/new-instance.ts";
import { newHttps, type Https } from "./https.ts";
import { ServerProcess } from "./server-process.ts";

const meter = join(import.meta.dirname, "turn-meter.mjs");
const withMeter = (): string => `${process.env["NODE_OPTIONS"] ?? ""} --import=${meter}`;

export interface LoneServer {
  readonly process: ServerProcess;
  readonly ca: KeyPair;
  readonly admin: Https;
  /** A client certificate of the server's authority. */
  certificate(user: string, ...groups: readonly string[]): KeyPair;
  /** The most processor time between two turns of its event loop since the last call, in ms. 0: never as much as 15. */
  stall(): Promise<number>;
  remove(): Promise<void>;
}

/** `seedpod server` on an embedded store, with this process's NODE_OPTIONS: a process of its own, over TLS, without a node. */
export async function startLoneServer(...flags: readonly string[]): Promise<LoneServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "seedpod-server-"));
  const { port, pkiDir } = await newInstance({ name: "test", dataDir, bindAddress: "127.0.0.1" });
  const turns = `${dataDir}.turns`;
  let told = 0;
  const process = await ServerProcess.start(dataDir, port, flags, { NODE_OPTIONS: withMeter(), SEEDPOD_TURNS: turns });
  const pem = (name: string): string => readFileSync(join(pkiDir, name), "utf8");
  const ca: KeyPair = { cert: pem("ca.crt"), key: pem("ca.key") };
  const certificate = (user: string, ...groups: readonly string[]): KeyPair => issue(ca, { commonName: user, organizations: groups, usages: ["client"], days: 1 }, systemClock.now());
  const admin = newHttps({ port, ca: ca.cert, ...certificate("admin", "system:masters") });
  return {
    process, ca, admin, certificate,
    async stall() {
      await admin("GET", "/version"); // the turn that is under way is over
      await pause(50);
      const lines = readFileSync(turns, "utf8").trim().split("\n"); // the start itself has had long turns: without them nobody measures
      return Math.max(0, ...lines.slice(told, (told = lines.length)).map(Number));
    },
    async remove() {
      await process.stop();
      admin.close();
      rmSync(dataDir, { recursive: true, force: true });
      for (const file of [`${dataDir}.log`, turns]) rmSync(file, { force: true });
    },
  };
}
