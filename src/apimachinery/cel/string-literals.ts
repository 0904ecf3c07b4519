/** What stands between the quotes of a literal. Upstream: cel-go parser/unescape.go */

const escape = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([abfnrtv\\?"'`])|)/gs;
const single: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Undefined where an escape is none. */
export function stringLiteral(body: string, raw: boolean): string | undefined {
  if (raw || !body.includes("\\")) return body;
  let broken = false;
  const text = body.replace(escape, (_, hex?: string, short?: string, long?: string, octal?: string, letter?: string) => {
    if (letter !== undefined) return single[letter] ?? letter;
    const point = codeOf(hex, short, long, octal);
    if (point === undefined || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) { broken = true; return ""; }
    return String.fromCodePoint(point);
  });
  return broken ? undefined : text;
}

/** Escapes of bytes are bytes; everything else is UTF-8. */
export function bytesLiteral(body: string, raw: boolean): Uint8Array | undefined {
  if (raw || !body.includes("\\")) return Buffer.from(body);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const found of body.matchAll(escape)) {
    const [whole, hex, short, long, octal, letter] = found;
    const code = letter !== undefined ? (single[letter] ?? letter).charCodeAt(0) : codeOf(hex, undefined, undefined, octal);
    if (code === undefined || short !== undefined || long !== undefined) return undefined;
    parts.push(Buffer.from(body.slice(from, found.index)), Uint8Array.of(code));
    from = found.index + whole.length;
  }
  return Buffer.concat([...parts, Buffer.from(body.slice(from))]);
}

function codeOf(hex?: string, short?: string, long?: string, octal?: string): number | undefined {
  if (octal !== undefined) return Number.parseInt(octal, 8);
  const digits = hex ?? short ?? long;
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
