/**
 * Looks for damage in the write-ahead log of a store that was not closed. SQLite takes the first frame that does not
 * check out for the end of the log, which is right for what a power cut tore, and would silently lose acknowledged
 * writes if a byte in the middle had changed. Format: sqlite.org/fileformat2.html#the_write_ahead_log
 */
import { readFileSync } from "node:fs";
import { Damaged } from "../store.ts";

const headerBytes = 32;
const frameHeaderBytes = 24;
const littleEndianMagic = 0x377f0682;

/**
 * Throws `Damaged` when transactions that were synced stand behind a broken place. One commit behind it is nothing:
 * the last transaction was being written when the power went, and pieces may have reached the disk in any order.
 */
export function checkLog(path: string): void {
  const log = readLog(`${path}-wal`);
  if (log === undefined || log.byteLength <= headerBytes) return;
  const header = new DataView(log.buffer, 0, headerBytes);
  if (header.getUint32(0) !== littleEndianMagic) return; // of a machine with the other byte order, or not begun
  const words = new Uint32Array(log.buffer, 0, Math.trunc(log.byteLength / 4));
  const sums: Sums = [0, 0];
  add(sums, words, 0, 24);
  if (sums[0] !== header.getUint32(24) || sums[1] !== header.getUint32(28)) throw damaged(path);
  if (commitsBehindTheBreak(log, words, sums) > 1) throw damaged(path);
}

type Sums = [number, number];

function commitsBehindTheBreak(log: Uint8Array<ArrayBuffer>, words: Uint32Array, sums: Sums): number {
  const view = new DataView(log.buffer);
  const frameBytes = frameHeaderBytes + view.getUint32(8);
  const ours = (at: number): boolean => view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20);
  let broken = false;
  let commits = 0;
  for (let at = headerBytes; at + frameBytes <= log.byteLength; at += frameBytes) {
    if (!broken) {
      add(sums, words, at, 8);
      add(sums, words, at + frameHeaderBytes, frameBytes - frameHeaderBytes);
      broken = !ours(at) || sums[0] !== view.getUint32(at + 16) || sums[1] !== view.getUint32(at + 20);
    }
    if (broken && ours(at) && view.getUint32(at + 4) !== 0) commits++;
  }
  return commits;
}

/** SQLite's running checksum over pairs of words. */
function add(sums: Sums, words: Uint32Array, from: number, bytes: number): void {
  let [first, second] = sums;
  for (let i = from / 4; i < (from + bytes) / 4; i += 2) {
    first = (first + (words[i] ?? 0) + second) >>> 0;
    second = (second + (words[i + 1] ?? 0) + first) >>> 0;
  }
  sums[0] = first;
  sums[1] = second;
}

function readLog(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(path)); // a copy of its own, so that words are aligned
  } catch (err) {
    if (err instanceof Error && "code" in err && err.code === "ENOENT") return undefined;
    throw err;
  }
}

const damaged = (path: string): Damaged => new Damaged(`${path}-wal is damaged: acknowledged writes stand behind a broken place; restore the store from a backup`);
