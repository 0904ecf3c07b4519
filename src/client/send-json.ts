import type { Clock } from "#base/clock.ts";
import { statusOf } from "./status-of.ts";
import { readText, type Transport, type TransportRequest, type TransportResponse } from "./transport.ts";

const maxRetries = 10;
const never = new AbortController().signal;

/**
 * Sends a request and reads its JSON answer; an empty answer is undefined.
 * Waits and asks again, at most ten times, when the server says when to (`Retry-After` on 429 or 5xx).
 * Upstream: client-go/rest/with_retry.go
 * @throws StatusError of the server's refusal; TransportError when no answer came
 */
export async function sendJson(transport: Transport, clock: Clock, request: TransportRequest): Promise<unknown> {
  for (let retry = 0; ; retry++) {
    const response = await transport({ ...request, headers: { accept: "application/json", ...request.headers } });
    const text = await readText(response.body);
    if (response.status < 400) return text === "" ? undefined : JSON.parse(text);
    const waitMs = retryAfterMs(response);
    if (waitMs === undefined || retry === maxRetries) throw statusOf(response.status, text, request);
    await clock.sleep(waitMs, request.signal ?? never);
  }
}

function retryAfterMs({ status, headers }: TransportResponse): number | undefined {
  const seconds = Number(headers["retry-after"] ?? "");
  return (status === 429 || status >= 500) && Number.isInteger(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
