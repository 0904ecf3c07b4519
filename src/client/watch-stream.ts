import type { KubeObject } from "#apimachinery/meta.ts";
import type { WatchEvent } from "./client.ts";
import { statusError, statusOf } from "./status-of.ts";
import { readText, type Transport, type TransportRequest } from "./transport.ts";

/** More than any object may be, so that a broken stream cannot fill the memory. */
const maxFrameBytes = 32 * 1024 * 1024;

type Frame = { readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR"; readonly object: KubeObject };

/** Opens a watch and reads its events until the server ends it. @throws StatusError for a refusal and for an ERROR event; TransportError when cut off */
export async function* watchEvents<T extends KubeObject>(transport: Transport, request: TransportRequest): AsyncGenerator<WatchEvent<T>> {
  const response = await transport({ ...request, headers: { accept: "application/json", ...request.headers } });
  if (response.status >= 400) throw statusOf(response.status, await readText(response.body), request);
  for await (const line of lines(response.body)) {
    const { type, object } = JSON.parse(line) as Frame;
    if (type === "ERROR") throw statusError(object as Parameters<typeof statusError>[0]);
    if (type === "BOOKMARK") yield { type, resourceVersion: object.metadata.resourceVersion ?? "", initialEventsEnd: object.metadata.annotations?.["k8s.io/initial-events-end"] === "true" };
    else yield { type, object: object as T };
  }
}

/** The lines of a body that comes in arbitrary pieces. What follows the last newline was cut off and is dropped. */
export async function* lines(body: AsyncIterable<Uint8Array>, limit: number = maxFrameBytes): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      const line = rest.length === 0 ? textOf(piece, start, end) : Buffer.concat([...rest, piece.subarray(start, end)]).toString();
      rest = [];
      size = 0;
      start = end + 1;
      if (line.trim() !== "") yield line;
    }
    if (start === piece.byteLength) continue;
    rest.push(piece.subarray(start));
    size += piece.byteLength - start;
    if (size > limit) throw new RangeError(`a line of the watch is longer than ${limit} bytes`);
  }
}

/** Without a copy: nearly every line comes in one piece. */
const textOf = ({ buffer, byteOffset }: Uint8Array, start: number, end: number): string => Buffer.from(buffer, byteOffset + start, end - start).toString();
