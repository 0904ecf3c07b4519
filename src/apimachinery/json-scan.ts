/** A slow, exact reading of JSON text: Go's words for what is wrong with it, and the paths of keys said twice. */
import { quote } from "./quote.ts";

class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
}

/** The text of the path at which a key stands: `spec.containers[0].name`. */
export type Path = readonly (string | number)[];
const pathText = (path: Path): string => path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`), "");

/**
 * Paths of duplicate keys in document order, each once. Throws JsonSyntaxError with the message of Go's encoding/json.
 * Recursive: the caller has bounded the depth.
 */
export function scanJson(text: string): string[] {
  return new Scanner(text).document();
}

class Scanner {
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  readonly #duplicates = new Set<string>();
  #at = 0;

  constructor(text: string) { this.#text = text; }

  document(): string[] {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected("after top-level value");
    return [...this.#duplicates];
  }

  #value(): void {
    this.#space();
    const c = this.#text[this.#at] ?? this.#ended();
    if (c === "{") this.#object();
    else if (c === "[") this.#array();
    else if (c === '"') this.#string();
    else if (c === "-" || (c >= "0" && c <= "9")) this.#number();
    else if (c === "t") this.#literal("true");
    else if (c === "f") this.#literal("false");
    else if (c === "n") this.#literal("null");
    else this.#unexpected("looking for beginning of value");
  }

  #object(): void {
    const seen = new Set<string>();
    this.#at++;
    if (this.#take("}")) return;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      this.#path.push(key);
      if (seen.has(key)) this.#duplicates.add(pathText(this.#path));
      seen.add(key);
      if (!this.#take(":")) this.#unexpected("after object key");
      this.#value();
      this.#path.pop();
      if (this.#take("}")) return;
      if (!this.#take(",")) this.#unexpected("after object key:value pair");
    }
  }

  #array(): void {
    this.#at++;
    if (this.#take("]")) return;
    for (let i = 0; ; i++) {
      this.#path.push(i);
      this.#value();
      this.#path.pop();
      if (this.#take("]")) return;
      if (!this.#take(",")) this.#unexpected("after array element");
    }
  }

  #string(): string {
    const from = this.#at++;
    for (;;) {
      const c = this.#text[this.#at] ?? this.#ended();
      if (c === '"') break;
      if (c < " ") this.#unexpected("in string literal");
      this.#at++;
      if (c === "\\") this.#escape();
    }
    this.#at++;
    return JSON.parse(this.#text.slice(from, this.#at)) as string;
  }

  #escape(): void {
    const c = this.#text[this.#at] ?? this.#ended();
    if (!'"\\/bfnrtu'.includes(c)) this.#unexpected("in string escape code");
    this.#at++;
    if (c !== "u") return;
    for (let i = 0; i < 4; i++, this.#at++) if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? this.#ended())) this.#unexpected("in \\u hexadecimal character escape");
  }

  #number(): void {
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else this.#digits("in numeric literal");
    if (this.#text[this.#at] === ".") { this.#at++; this.#digits("after decimal point in numeric literal"); }
    if (!/[eE]/.test(this.#text[this.#at] ?? "")) return;
    this.#at++;
    if (/[-+]/.test(this.#text[this.#at] ?? "")) this.#at++;
    this.#digits("in exponent of numeric literal");
  }

  #digits(where: string): void {
    const from = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? "")) this.#at++;
    if (this.#at === from) this.#unexpected(where);
  }

  #literal(word: string): void {
    for (const [i, c] of Array.from(word).entries()) {
      if (this.#text[this.#at] !== c) this.#unexpected(`in literal ${word}${i > 0 ? ` (expecting '${c}')` : ""}`);
      this.#at++;
    }
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
  #take(c: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== c) return false;
    this.#at++;
    return true;
  }
  #unexpected(where: string): never {
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? this.#ended());
    throw new JsonSyntaxError(`invalid character ${c === "'" ? `'\\''` : c === '"' ? `'"'` : `'${quote(c).slice(1, -1)}'`} ${where}`);
  }
  #ended(): never {
    throw new JsonSyntaxError("unexpected end of JSON input");
  }
}
