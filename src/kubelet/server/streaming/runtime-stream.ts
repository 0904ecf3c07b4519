/** The streaming server of the container runtime, which speaks SPDY at a URL that it gave us for one use. */
import { text } from "node:stream/consumers";
import { messageOf } from "#base/error-message.ts";
import { SpdySession } from "#base/spdy/session.ts";
import { dialUpgrade, type UpgradeAnswer } from "#base/upgrade.ts";
import { HttpError } from "../http-error.ts";

/** Dials the URL. @param protocols `X-Stream-Protocol-Version`, the client's preference first */
export async function dialRuntime(url: string, protocols: readonly string[]): Promise<UpgradeAnswer> {
  try {
    return await dialUpgrade({ url: new URL(url), method: "POST", headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocols } });
  } catch (cause) {
    throw new HttpError(500, `cannot reach the container runtime's streaming server: ${messageOf(cause)}`, { cause });
  }
}

/** A session with the streaming server. Throws `HttpError` with its words when it refuses. */
export async function openSession(url: string, protocol: string): Promise<SpdySession> {
  const answer = await dialRuntime(url, [protocol]);
  if (!answer.upgraded) throw new HttpError(answer.response.statusCode ?? 500, await text(answer.response));
  return new SpdySession(answer.socket, { role: "client" });
}
