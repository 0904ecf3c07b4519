/** A binary heap from which any item can be taken. An item is in it once. */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #at = new Map<T, number>();

  /** @param before whether `a` comes out before `b` */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number { return this.#items.length; }
  peek(): T | undefined { return this.#items[0]; }

  push(item: T): void {
    this.#put(item, this.#items.length);
    this.#up(this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  remove(item: T): void {
    const at = this.#at.get(item);
    if (at === undefined) return;
    this.#at.delete(item);
    const last = this.#items.pop() as T;
    if (last === item) return;
    this.#put(last, at);
    this.#up(at);
    this.#down(this.#at.get(last) ?? at);
  }

  #put(item: T, at: number): void {
    this.#items[at] = item;
    this.#at.set(item, at);
  }

  #up(start: number): void {
    const item = this.#items[start] as T;
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(item, this.#items[parent] as T)) break;
      this.#put(this.#items[parent] as T, at);
      at = parent;
    }
    this.#put(item, at);
  }

  #down(start: number): void {
    const item = this.#items[start] as T;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#items.length) break;
      if (child + 1 < this.#items.length && this.#before(this.#items[child + 1] as T, this.#items[child] as T)) child++;
      if (!this.#before(this.#items[child] as T, item)) break;
      this.#put(this.#items[child] as T, at);
      at = child;
    }
    this.#put(item, at);
  }
}
