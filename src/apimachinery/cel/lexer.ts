/** The words of an expression. Upstream: cel-go parser/gen/CEL.g4 */
import { intOf, uintOf } from "./numbers.ts";
import { bytesLiteral, stringLiteral } from "./string-literals.ts";
import { Bytes, CelError, Double, type Value } from "./values.ts";

export class SyntaxFailure extends Error {
  override readonly name = "SyntaxFailure";
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

export type Token =
  | { readonly kind: "literal"; readonly at: number; readonly text: string; readonly value: Value }
  /** A whole number without suffix, whose sign is not yet known. */
  | { readonly kind: "int"; readonly at: number; readonly text: string; readonly magnitude: bigint }
  | { readonly kind: "double"; readonly at: number; readonly text: string; readonly magnitude: number }
  | { readonly kind: "ident" | "quoted" | "symbol" | "end"; readonly at: number; readonly text: string };

const blank = /(?:[\t\n\f\r ]|\/\/[^\n]*)*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const quoted = /`[A-Za-z0-9_.\-/ ]+`/y;
const float = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const whole = /(?:0x[0-9a-fA-F]+|\d+)[uU]?/y;
const text = /(?:[bB]?[rR]?|[rR][bB])(?:"""|'''|["'])/y;
const symbol = /==|!=|<=|>=|&&|\|\||[()[\]{}.,:?<>+\-*/%!=]/y;
const keywords: ReadonlyMap<string, Value> = new Map([["true", true], ["false", false], ["null", null]]);

/** All tokens and an `end`. Throws SyntaxFailure. */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  for (let at = skipBlank(source, 0); at < source.length;) {
    const { token, end } = read(source, at);
    found.push(token);
    at = skipBlank(source, end);
  }
  return [...found, { kind: "end", at: source.length, text: "<EOF>" }];
}

interface Read { readonly token: Token; readonly end: number }

function read(source: string, at: number): Read {
  const open = match(text, source, at);
  if (open !== undefined) return readText(source, at, open);
  const name = match(word, source, at);
  if (name !== undefined) return { token: wordToken(name, at), end: at + name.length };
  const escaped = match(quoted, source, at);
  if (escaped !== undefined) return { token: { kind: "quoted", at, text: escaped.slice(1, -1) }, end: at + escaped.length };
  const number = match(float, source, at);
  if (number !== undefined) return { token: { kind: "double", at, text: number, magnitude: Number(number) }, end: at + number.length };
  const digits = match(whole, source, at);
  if (digits !== undefined) return { token: wholeToken(digits, at), end: at + digits.length };
  const sign = match(symbol, source, at);
  if (sign !== undefined) return { token: { kind: "symbol", at, text: sign }, end: at + sign.length };
  throw new SyntaxFailure(at, `Syntax error: token recognition error at: '${String.fromCodePoint(source.codePointAt(at) ?? 0)}'`);
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

const skipBlank = (source: string, at: number): number => at + (match(blank, source, at)?.length ?? 0);

function wordToken(name: string, at: number): Token {
  const value = keywords.get(name);
  return value === undefined ? { kind: name === "in" ? "symbol" : "ident", at, text: name } : { kind: "literal", at, text: name, value };
}

function wholeToken(digits: string, at: number): Token {
  if (!/[uU]$/.test(digits)) return { kind: "int", at, text: digits, magnitude: BigInt(digits) };
  const value = uintOf(BigInt(digits.slice(0, -1)));
  if (value instanceof CelError) throw new SyntaxFailure(at, "invalid uint literal");
  return { kind: "literal", at, text: digits, value };
}

/** The int of a literal with its sign. Throws SyntaxFailure. */
export function signedInt(token: Token & { readonly kind: "int" }, negative: boolean, at: number): Value {
  const value = intOf(negative ? -token.magnitude : token.magnitude);
  if (value instanceof CelError) throw new SyntaxFailure(at, "invalid int literal");
  return value;
}

export const signedDouble = (token: Token & { readonly kind: "double" }, negative: boolean): Double => new Double(negative ? -token.magnitude : token.magnitude);

function readText(source: string, at: number, open: string): Read {
  const prefix = /^[a-zA-Z]*/.exec(open)?.[0].toLowerCase() ?? "";
  const quote = open.slice(prefix.length);
  const raw = prefix.includes("r");
  const end = endOfText(source, at + open.length, quote, raw);
  if (end < 0) throw new SyntaxFailure(at, `Syntax error: token recognition error at: '${source.slice(at)}'`);
  const body = source.slice(at + open.length, end).replaceAll("\r\n", "\n");
  const value = prefix.includes("b") ? bytesLiteral(body, raw) : stringLiteral(body, raw);
  if (value === undefined) throw new SyntaxFailure(at, `Syntax error: token recognition error at: '${source.slice(at, end + quote.length)}'`);
  const whole = source.slice(at, end + quote.length);
  return { token: { kind: "literal", at, text: whole, value: typeof value === "string" ? value : new Bytes(value) }, end: end + quote.length };
}

function endOfText(source: string, from: number, quote: string, raw: boolean): number {
  for (let i = from; i < source.length; i++) {
    if (source.startsWith(quote, i)) return i;
    if (quote.length === 1 && (source[i] === "\n" || source[i] === "\r")) return -1;
    if (!raw && source[i] === "\\") i++;
  }
  return -1;
}
