/** A history of reads and writes of keys, and whether a linearizable register could have given it. Revisions tell the order; the check is that they may. */

/** Milliseconds of one clock: when it was sent, and when its answer was there. */
interface Span { readonly key: string; readonly start: number; readonly end: number }

export type Operation = Span & (
  /** `known` says whether it was answered; if not, it happened or did not. `basis`: the revision that a compare-and-swap named. */
  | { readonly op: "write"; readonly value: string; readonly basis?: number; readonly known: boolean; readonly revision?: number }
  | { readonly op: "delete"; readonly known: boolean }
  /** Without a value: the key was not there. */
  | { readonly op: "read"; readonly value?: string; readonly revision?: number });

type Write = Extract<Operation, { op: "write" }>;
type Read = Extract<Operation, { op: "read" }>;

/** What cannot have been, a line each. Values are written once each. */
export function violations(history: readonly Operation[]): string[] {
  return [...backwards(history), ...[...Map.groupBy(history, ({ key }) => key).values()].flatMap(ofKey)];
}

function ofKey(history: readonly Operation[]): string[] {
  const writes = history.filter((o): o is Write => o.op === "write");
  const reads = history.filter((o): o is Read => o.op === "read");
  return [...reads.flatMap((read) => misread(read, history, writes)), ...overwritten(writes)];
}

/** One revision orders everything: what began after another had ended is newer. */
function backwards(history: readonly Operation[]): string[] {
  const writes = history.filter((o): o is Write & { revision: number } => o.op === "write" && o.known && o.revision !== undefined);
  const [byStart, byEnd] = [writes.toSorted((a, b) => a.start - b.start), writes.toSorted((a, b) => a.end - b.end)];
  const found: string[] = [];
  let ended = 0;
  let newest = 0;
  for (const write of byStart) {
    for (let before = byEnd[ended]; before !== undefined && before.end < write.start; before = byEnd[++ended]) newest = Math.max(newest, before.revision);
    if (write.revision <= newest) found.push(`${write.key}: revision ${write.revision} was given after ${newest}`);
  }
  return found;
}

function misread(read: Read, history: readonly Operation[], writes: readonly Write[]): string[] {
  const settled = writes.filter((w) => w.known && w.end < read.start).reduce<Write | undefined>((last, w) => ((w.revision ?? 0) > (last?.revision ?? 0) ? w : last), undefined);
  if (read.value === undefined) {
    const excused = settled === undefined || history.some((o) => o.op === "delete" && o.end > settled.start && o.start < read.end);
    return excused ? [] : [`${read.key}: revision ${settled.revision}, acknowledged, is gone`];
  }
  const written = writes.find(({ value }) => value === read.value);
  if (written === undefined || written.start > read.end) return [`${read.key}: ${read.value} was read, and nobody had written it`];
  if (written.known && written.revision !== read.revision) return [`${read.key}: ${read.value} was written at ${written.revision} and read at ${read.revision}`];
  const deleted = history.find((o) => o.op === "delete" && o.known && o.start > written.end && o.end < read.start);
  if (deleted !== undefined) return [`${read.key}: ${read.value} was read after it had been deleted`];
  const stale = settled !== undefined && (read.revision ?? 0) < (settled.revision ?? 0);
  return stale ? [`${read.key}: revision ${read.revision} was read after ${settled.revision} had been acknowledged`] : [];
}

/** Between what a compare-and-swap named and what it made lies no other write. */
function overwritten(writes: readonly Write[]): string[] {
  const acknowledged = writes.filter((w): w is Write & { revision: number } => w.known && w.revision !== undefined);
  return acknowledged.flatMap(({ key, basis, revision }) =>
    basis === undefined ? [] : acknowledged.filter((other) => other.revision > basis && other.revision < revision).map((other) => `${key}: ${revision} replaced ${basis} and overwrote ${other.revision}`));
}
