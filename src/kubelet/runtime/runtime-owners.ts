/** Whose each container and sandbox is, so that an event of the runtime finds its pod, and so that what nobody has is not asked for. */
export class RuntimeOwners {
  readonly #owners = new Map<string, string>();
  /** Made by this kubelet and not looked at yet: what events say of them is news to nobody. */
  readonly #making = new Set<string>();
  /** What this kubelet stops just now. */
  readonly #stopping = new Map<string, Promise<unknown>>();
  /** Pods of which more may be there than is known. */
  readonly #doubted = new Set<string>();
  /** How many calls are under way that make something of a pod. */
  readonly #calls = new Map<string, number>();
  #complete = false;

  of(id: string): string | undefined {
    return this.#owners.get(id);
  }

  note(id: string, uid: string): void {
    this.#owners.set(id, uid);
  }

  /** All ids that are known now. */
  ids(): ReadonlySet<string> {
    return new Set(this.#owners.keys());
  }

  /** The runtime has listed all that it has. @param before what was known before it was asked: what is gone of it goes */
  listed(now: ReadonlyMap<string, string>, before: ReadonlySet<string>): void {
    for (const id of before) if (!now.has(id)) this.#owners.delete(id);
    for (const [id, uid] of now) this.#owners.set(id, uid);
    this.#complete = true;
  }

  /** True when the runtime has surely nothing of the pod. */
  hasNothing(uid: string): boolean {
    return this.#complete && !this.#doubted.delete(uid) && ![...this.#owners.values()].includes(uid);
  }

  /** The runtime is to be asked about this pod next time, whatever is known. */
  doubt(uid: string): void {
    this.#doubted.add(uid);
  }

  /** Runs a call that makes something of the pod. @param call gives its id */
  async making(uid: string, call: () => Promise<string>): Promise<string> {
    this.#calls.set(uid, (this.#calls.get(uid) ?? 0) + 1);
    try {
      const id = await call();
      this.#owners.set(id, uid);
      this.#making.add(id);
      return id;
    } catch (err) {
      this.doubt(uid); // half of it may be there
      throw err;
    } finally {
      const left = (this.#calls.get(uid) ?? 1) - 1;
      if (left > 0) this.#calls.set(uid, left);
      else this.#calls.delete(uid);
    }
  }

  /** Runs a call that stops this container or sandbox: when it is over, the runtime knows that it stands no more. */
  async stopping<T>(id: string, call: () => Promise<T>): Promise<T> {
    const stop = call();
    this.#stopping.set(id, stop);
    try {
      return await stop;
    } finally {
      if (this.#stopping.get(id) === stop) this.#stopping.delete(id);
    }
  }

  /** The end of a stop that is under way; undefined when there is none. */
  stopOf(id: string): Promise<unknown> | undefined {
    return this.#stopping.get(id);
  }

  /** It is going to be removed: that it goes is no news. */
  forget(id: string): void {
    this.#owners.delete(id);
  }

  /** True while something is being made whose id is not known yet. */
  get areMaking(): boolean {
    return this.#calls.size > 0;
  }

  /** True while something is being made of this pod: whoever does so hears of it first. */
  isMakingFor(uid: string): boolean {
    return this.#calls.has(uid);
  }

  isBeingMade(id: string): boolean {
    return this.#making.has(id);
  }

  /** What was being made was looked at, or was given up. */
  made(id: string): void {
    this.#making.delete(id);
  }
}
