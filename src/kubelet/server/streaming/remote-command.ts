import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SpdySession } from "#base/spdy/session.ts";
import type { SpdyStream } from "#base/spdy/stream.ts";
import type { WebSocketChannels } from "#base/websocket-channels.ts";
import type { CommandOptions } from "./command-options.ts";
import { channels, type CommandProtocol } from "./protocols.ts";

/** The runtime's side of an exec or attach: one stream for each of the command's, one for its outcome. */
export interface RuntimeCommand {
  readonly error: Readable;
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
  readonly resize?: Writable;
}

/** Opens the streams that the runtime waits for. Rejects when it refuses one. */
export async function openCommand(session: SpdySession, options: CommandOptions): Promise<RuntimeCommand> {
  const open = (type: string): SpdyStream => {
    const stream = session.open(new Map([["streamtype", type]]));
    stream.on("error", () => {}); // seen by whoever reads or writes it
    return stream;
  };
  const streams = {
    error: open("error"), ...(options.stdin && { stdin: open("stdin") }), ...(options.stdout && { stdout: open("stdout") }),
    ...(options.stderr && { stderr: open("stderr") }), ...(options.tty && { resize: open("resize") }),
  };
  await Promise.all(Object.values(streams).map((stream) => stream.opened));
  return streams;
}

/**
 * Carries a command between the runtime and a client's channels, until the command is over or the client has gone.
 * All output comes before the outcome. Upstream: kubelet/pkg/cri/streaming/remotecommand websocket.go
 */
export async function serveCommand(command: RuntimeCommand, client: WebSocketChannels, protocol: CommandProtocol): Promise<void> {
  const outputs = [carry(command.stdout, client.output(channels.stdout)), carry(command.stderr, client.output(channels.stderr))];
  void carry(client.input(channels.stdin), command.stdin);
  void carry(client.input(channels.resize), command.resize);
  client.send(command.stdout !== undefined ? channels.stdout : command.stderr !== undefined ? channels.stderr : channels.error, new Uint8Array(0)); // tells the client that we are there
  const finished = Promise.all([received(command.error), ...outputs]).then(([outcome]) => outcome);
  const outcome = await Promise.race([finished, client.closed]);
  if (outcome === undefined) return; // the client has gone
  const words = protocol.status ? outcome || failed("the container runtime closed the connection") : textOf(outcome);
  if (words !== "") client.send(channels.error, Buffer.from(words));
  await client.close();
}

/** All that came, also when the runtime closes the connection instead of the stream, as Go's server does. */
async function received(from: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of from as AsyncIterable<Buffer>) pieces.push(piece);
  } catch {
    // what came before counts
  }
  return Buffer.concat(pieces).toString();
}

/** Copies until one side is over; input that nobody takes is dropped. */
async function carry(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined) return;
  if (to === undefined) return void from.resume();
  await pipeline(from, to).catch(() => void from.resume());
}

/** The runtime speaks v4: its outcome is a Status. Older protocols want the message alone, and none for success. */
function textOf(outcome: string): string {
  try {
    const { status, message } = JSON.parse(outcome) as { status?: string; message?: string };
    return status === "Success" ? "" : (message ?? "");
  } catch {
    return outcome;
  }
}

const failed = (message: string): string => JSON.stringify({ metadata: {}, status: "Failure", reason: "InternalError", message: `Internal error occurred: ${message}`, details: { causes: [{ message }] }, code: 500 });
