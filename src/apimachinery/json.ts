/**
 * JSON from outside, with bounds. `JSON.parse` does the work; one pass over the bytes before it counts depth and
 * keys, and only where the counts say that a key came twice is the text read again to name it.
 */
import { isRecord } from "./equal.ts";
import { parseExact } from "./exact-json.ts";
import { scanJson } from "./json-scan.ts";
import { badRequest } from "./status.ts";

export interface JsonLimits {
  /** Objects and lists within each other. */
  readonly depth?: number;
  /** Find keys said twice. Default true. */
  readonly duplicates?: boolean;
  /** Integers beyond 2^53 become BigInts instead of losing their last digits. Default false. */
  readonly exact?: boolean;
}

/** Upstream allows 10,000; code that walks a value recursively must be safe at ours. */
const defaultDepth = 1_000;
const quoteMark = 0x22;

export interface ParsedJson {
  /** Plain objects; a key `__proto__` is an own property like any other. The last of two equal keys wins. */
  readonly value: unknown;
  /** `duplicate field "spec.replicas"`, in document order. Upstream: sigs.k8s.io/json UnmarshalStrict */
  readonly duplicates: readonly string[];
}

/**
 * Throws BadRequest in Go's words on bad syntax and on too much depth.
 */
export function parseJson(bytes: Uint8Array | string, limits: JsonLimits = {}): ParsedJson {
  const buffer = typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { tooDeep, members } = measure(buffer, limits.depth ?? defaultDepth);
  if (tooDeep !== undefined) throw badRequest(`invalid character '${tooDeep}' exceeded max depth`);
  const text = typeof bytes === "string" ? bytes : buffer.toString("utf8");
  const value = parse(text, limits.exact ?? false);
  if (limits.duplicates === false || keysIn(value) === members) return { value, duplicates: [] };
  return { value, duplicates: scanJson(text).map((path) => `duplicate field "${path}"`) };
}

function parse(text: string, exact: boolean): unknown {
  try {
    return exact ? parseExact(text) : JSON.parse(text);
  } catch (cause) {
    try {
      scanJson(text);
    } catch (err) {
      throw badRequest((err as Error).message);
    }
    throw badRequest((cause as Error).message);
  }
}

/** What opens more than may be open, and the number of colons outside of strings, of well-formed or broken text alike. */
function measure(bytes: Buffer, depth: number): { readonly tooDeep?: string; readonly members: number } {
  let open = 0, members = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (c === quoteMark) i = endOfString(bytes, i);
    else if (c === 0x7b || c === 0x5b) { if (++open > depth) return { tooDeep: String.fromCharCode(c), members }; }
    else if (c === 0x7d || c === 0x5d) open--;
    else if (c === 0x3a) members++;
  }
  return { members };
}

/** Index of the quote that closes the string which opens at `from`, or the end of the text. */
function endOfString(bytes: Buffer, from: number): number {
  for (let end = bytes.indexOf(quoteMark, from + 1); end >= 0; end = bytes.indexOf(quoteMark, end + 1)) {
    let slashes = 0;
    while (bytes[end - 1 - slashes] === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return bytes.length;
}

function keysIn(value: unknown): number {
  let count = 0;
  if (Array.isArray(value)) for (const item of value) count += typeof item === "object" ? keysIn(item) : 0;
  else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      const child = value[key];
      count += typeof child === "object" ? 1 + keysIn(child) : 1;
    }
  }
  return count;
}
