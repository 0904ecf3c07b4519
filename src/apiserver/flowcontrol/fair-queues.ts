/**
 * Requests that wait for seats, so that no flow waits behind the crowd of another. A flow is dealt a hand of queues
 * and joins the shortest; queues are served in the order of virtual time (start-time fair queuing), in which a request
 * of more seats counts for more. Upstream: flowcontrol/fairqueuing/queueset
 */
export interface QueueLimits { readonly queues: number; readonly handSize: number; readonly queueLengthLimit: number }

export interface Waiting { readonly seats: number; readonly start: () => void }
interface Queued { readonly waiting: Waiting; readonly finish: number }
interface Queue { readonly requests: Queued[]; lastFinish: number }

export class FairQueues {
  readonly #limits: QueueLimits;
  readonly #queues: Queue[];
  #virtualTime = 0;
  #length = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
    this.#queues = Array.from({ length: Math.max(1, limits.queues) }, () => ({ requests: [], lastFinish: 0 }));
  }

  get length(): number {
    return this.#length;
  }

  /** False when the flow's shortest queue is full. */
  add(flow: string, waiting: Waiting): boolean {
    const queue = this.#shortest(flow);
    if (queue.requests.length >= this.#limits.queueLengthLimit) return false;
    queue.lastFinish = Math.max(this.#virtualTime, queue.lastFinish) + waiting.seats;
    queue.requests.push({ waiting, finish: queue.lastFinish });
    this.#length++;
    return true;
  }

  /** Who comes next; it stays until `take`. */
  peek(): Waiting | undefined {
    return this.#next()?.requests[0]?.waiting;
  }

  take(): Waiting | undefined {
    const taken = this.#next()?.requests.shift();
    if (taken === undefined) return undefined;
    this.#length--;
    this.#virtualTime = Math.max(this.#virtualTime, taken.finish - taken.waiting.seats);
    return taken.waiting;
  }

  /** Forgets one that waits no more. */
  remove(waiting: Waiting): void {
    for (const { requests } of this.#queues) {
      const at = requests.findIndex((queued) => queued.waiting === waiting);
      if (at < 0) continue;
      requests.splice(at, 1);
      this.#length--;
      return;
    }
  }

  #next(): Queue | undefined {
    let best: Queue | undefined;
    for (const queue of this.#queues) {
      const head = queue.requests[0];
      if (head !== undefined && (best === undefined || head.finish < (best.requests[0] as Queued).finish)) best = queue;
    }
    return best;
  }

  #shortest(flow: string): Queue {
    let best: Queue | undefined;
    for (const index of hand(flow, this.#queues.length, this.#limits.handSize)) {
      const queue = this.#queues[index] as Queue;
      if (best === undefined || queue.requests.length < best.requests.length) best = queue;
    }
    return best as Queue;
  }
}

/** Different queues, the same for the same flow. Upstream: apiserver/pkg/util/shufflesharding */
export function hand(flow: string, queues: number, size: number): number[] {
  const cards = Array.from({ length: queues }, (_, i) => i);
  let state = hash(flow);
  return Array.from({ length: Math.min(Math.max(1, size), queues) }, (_, dealt) => {
    const at = dealt + (state % (queues - dealt));
    const card = cards[at] as number;
    cards[at] = cards[dealt] as number;
    state = hash(`${state} ${card}`);
    return card;
  });
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
