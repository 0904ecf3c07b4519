const escapes: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\x07": "\\a" };

/** A string as Go's `%q` prints it, for messages that clients compare. */
export function quote(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (!/["\\\u0000-\u001f\u007f-\u00a0]/.test(text)) return `"${text}"`;
  const inner = Array.from(text, (c) => {
    const escape = escapes[c];
    if (escape !== undefined) return escape;
    const code = c.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code >= 0x80 && code <= 0xa0 ? `\\u${code.toString(16).padStart(4, "0")}` : c;
  });
  return `"${inner.join("")}"`;
}
