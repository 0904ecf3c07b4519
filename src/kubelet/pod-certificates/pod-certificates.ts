import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import type { Pod, PodCertificateProjection } from "#api/gen/core-v1.ts";
import { podCertificateRequests } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import { messageOf } from "#base/error-message.ts";
import { KeyedLock } from "#base/keyed-lock.ts";
import type { Logger } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer, Informers } from "#client/lister.ts";
import { NotIssued, type PodCredentials } from "#volumes/plugin.ts";
import { syncedInTime, waitFor } from "../informer-wait.ts";
import { about, formatPod, namespaceOf, uidOf } from "../names.ts";
import { answerOf, refusalText, refusedForGood, type Refused } from "./answer.ts";
import { newKeyPair, type KeyPair } from "./key-pair.ts";
import { askFor } from "./request.ts";

export interface PodCertificatesDeps {
  readonly client: Client;
  readonly informers: Informers;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** Of this node; undefined while the API server has none. */
  readonly nodeUid: () => string | undefined;
  /** From 0 to 1, so that not all pods ask at once. */
  readonly chance: () => number;
}

/** Where in which pod: its uid, the volume, the place among the volume's sources. */
interface Place { readonly uid: string; readonly volume: string; readonly index: number }

/** All that is known of one projection; nothing of it outlives the process, so that the next asks anew. */
interface Projection {
  readonly place: Place;
  credentials?: PodCredentials & { readonly refreshAt: number; readonly notAfter: number };
  /** What was asked for, and its key. */
  asked?: { readonly key: string; readonly name: string };
  refused?: Refused;
  /** Reasons of events that were written about the credentials that are there. */
  readonly told: Set<string>;
}

const firstListMs = 5_000;
/** A signer that answers at once keeps no pod waiting for its next try. */
const answerMs = 5_000;
const jitterMs = 5 * 60_000;
/** Upstream: pkg/kubelet/podcertificate refreshOverdueDuration */
const overdueMs = 10 * 60_000;

/**
 * Keys and certificates for pods' volumes: asked for when a volume first wants them, kept in memory, asked for again when it is
 * time. Each look at a volume takes one step. Upstream: pkg/kubelet/podcertificate IssuingManager
 */
export class PodCertificates {
  readonly #deps: PodCertificatesDeps;
  readonly #projections = new Map<string, Projection>();
  readonly #locks = new KeyedLock();

  constructor(deps: PodCertificatesDeps) {
    this.#deps = deps;
  }

  /** What the volume shall hold now. Throws `NotIssued` while there is nothing, and upstream's words where there never will be. */
  of(pod: Pod, volume: string, index: number, source: PodCertificateProjection, signal: AbortSignal): Promise<PodCredentials> {
    const key = JSON.stringify([uidOf(pod), volume, index]);
    return this.#locks.run(key, async () => {
      const projection = this.#projections.get(key) ?? { place: { uid: uidOf(pod), volume, index }, told: new Set() };
      this.#projections.set(key, projection);
      return await this.#step(pod, projection, source, signal);
    });
  }

  /** Forgets the keys of pods that are gone. */
  prune(isThere: (uid: string) => boolean): void {
    for (const [key, { place }] of this.#projections) if (!isThere(place.uid)) this.#projections.delete(key);
  }

  async #step(pod: Pod, projection: Projection, source: PodCertificateProjection, signal: AbortSignal): Promise<PodCredentials> {
    const { clock, nodeName, informers, log } = this.#deps;
    const requests = informers.for(podCertificateRequests, { fieldSelector: `spec.nodeName=${nodeName}` });
    try {
      if (projection.refused === undefined && this.#isWanted(pod, projection)) {
        if (!await syncedInTime(requests, { clock, ms: firstListMs, signal })) throw new Error("PodCertificateRequest informer has not yet synced");
        await this.#look(pod, projection, requests);
        if (projection.asked === undefined && projection.refused === undefined && this.#isWanted(pod, projection)) await this.#ask(pod, projection, source);
        if (projection.credentials === undefined) await this.#awaitAnswer(pod, projection, requests, signal);
      }
    } catch (err) {
      log.warn({ err: messageOf(err), pod: formatPod(pod) }, "no new pod certificate, trying again");
      if (projection.credentials === undefined) throw new NotIssued(messageOf(err), { cause: err });
    }
    if (projection.refused !== undefined) throw new Error(refusedForGood(projection.refused));
    if (projection.credentials === undefined) throw new NotIssued("credential bundle is not issued yet");
    return projection.credentials;
  }

  /** Whether there is anything to do: there are no credentials, or it is time for new ones. */
  #isWanted(pod: Pod, { credentials, told }: Projection): boolean {
    if (credentials === undefined) return true;
    const now = this.#deps.clock.now();
    if (now < credentials.refreshAt) return false;
    const tell = (after: number, reason: string, message: string): void => {
      if (now <= after || told.has(reason)) return;
      told.add(reason);
      this.#deps.events.event(about(pod), "Warning", reason, message);
    };
    tell(credentials.refreshAt + overdueMs, "CertificateOverdueForRefresh", "PodCertificate refresh overdue");
    tell(credentials.notAfter, "CertificateExpired", "PodCertificate expired");
    return true;
  }

  /** Takes the answer to what was asked for, if there is one. A request that is gone is asked for again. */
  async #look(pod: Pod, projection: Projection, requests: Informer<PodCertificateRequest>): Promise<void> {
    const { asked } = projection;
    if (asked === undefined) return;
    const namespace = namespaceOf(pod);
    const found = requests.get(`${namespace}/${asked.name}`) ?? await this.#deps.client.resource(podCertificateRequests).get(asked.name, namespace).catch((err: unknown) => {
      if (!isStatus(err, "NotFound")) throw err;
    });
    const answer = found && answerOf(found);
    if (found !== undefined && answer === undefined) return;
    delete projection.asked;
    if (answer === undefined) return;
    if (answer.type !== "Issued") {
      projection.refused = answer;
      this.#deps.events.event(about(pod), "Warning", answer.type, refusalText(`${namespace}/${asked.name}`, answer));
      return;
    }
    projection.told.clear();
    projection.credentials = { key: asked.key, chain: answer.chain, refreshAt: answer.refreshAt + this.#deps.chance() * jitterMs, notAfter: answer.notAfter };
  }

  async #ask(pod: Pod, projection: Projection, source: PodCertificateProjection): Promise<void> {
    const which = projection.credentials === undefined ? "initial" : "refresh";
    const pair: KeyPair = await newKeyPair(source.keyType ?? "");
    const { metadata: { name } } = await askFor(this.#deps, pod, source, pair.request, which);
    projection.asked = { key: pair.key, name };
  }

  async #awaitAnswer(pod: Pod, projection: Projection, requests: Informer<PodCertificateRequest>, signal: AbortSignal): Promise<void> {
    const { asked } = projection;
    if (asked === undefined) return;
    const answered = (): boolean => {
      const found = requests.get(`${namespaceOf(pod)}/${asked.name}`);
      return found !== undefined && answerOf(found) !== undefined;
    };
    if (await waitFor(requests, answered, { clock: this.#deps.clock, ms: answerMs, signal })) await this.#look(pod, projection, requests);
  }
}
