/** Writes down the stages of requests, as far as the policy wants them. Upstream: apiserver/pkg/endpoints/filters/audit.go */
import type { HttpResponse } from "#base/http.ts";
import type { Audited } from "../filters/chain.ts";
import { isStream } from "../filters/streams.ts";
import { answeredObject, mostBytes } from "./answer.ts";
import { auditEvent, type Told } from "./event.ts";
import { extentOf, type Extent, type Policy, type Stage, type Subject } from "./policy.ts";

export interface AuditorDeps { readonly policy: Policy; readonly now: () => number; readonly write: (event: Readonly<Record<string, unknown>>) => void }

export class Auditor {
  readonly #deps: AuditorDeps;

  constructor(deps: AuditorDeps) {
    this.#deps = deps;
  }

  /** Whether the body of a request is to be kept. */
  wantsBody(subject: Subject): boolean {
    const { level } = extentOf(this.#deps.policy, subject);
    return level === "Request" || level === "RequestResponse";
  }

  received(told: Told): void {
    this.#write(told, "RequestReceived", this.#extentOf(told));
  }

  /** The answer's head is known. Gives the answer back, which tells of its end where that comes later. */
  answered(event: Audited, response: HttpResponse): HttpResponse {
    const extent = this.#extentOf(event);
    if (extent.level === "None") return response;
    const { body } = response;
    const stream = event.info !== undefined && isStream(event.info);
    if (stream) this.#write(event, "ResponseStarted", extent);
    if (body instanceof Uint8Array) this.#write({ ...event, ...this.#answerOf(extent, response, body) }, "ResponseComplete", extent);
    else if (stream || extent.level === "RequestResponse") return { ...response, body: this.#toTheEnd(event, response, extent, !stream) };
    else this.#write(event, "ResponseComplete", extent);
    return response;
  }

  /** A request that took over its connection is over. */
  upgraded(event: Audited): void {
    this.#write(event, "ResponseComplete", this.#extentOf(event));
  }

  async *#toTheEnd(event: Audited, response: HttpResponse, extent: Extent, keep: boolean): AsyncGenerator<Uint8Array> {
    const kept: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of response.body as AsyncIterable<Uint8Array>) {
        bytes += piece.byteLength;
        if (keep && bytes <= mostBytes) kept.push(piece);
        yield piece;
      }
    } finally {
      const whole = keep && bytes <= mostBytes ? this.#answerOf(extent, response, Buffer.concat(kept)) : {};
      this.#write({ ...event, ended: this.#deps.now(), ...whole }, "ResponseComplete", extent);
    }
  }

  #answerOf({ level }: Extent, response: HttpResponse, body: Uint8Array): { readonly answer?: unknown } {
    const answer = level === "RequestResponse" && body.byteLength <= mostBytes ? answeredObject(response, body) : undefined;
    return answer === undefined ? {} : { answer };
  }

  #extentOf({ user, proven, info }: Told): Extent {
    return extentOf(this.#deps.policy, { user: proven ?? user, info }); // who asks, not as whom
  }

  #write(told: Told, stage: Stage, extent: Extent): void {
    if (extent.level !== "None" && !extent.omitted.has(stage)) this.#deps.write(auditEvent(told, stage, extent));
  }
}
