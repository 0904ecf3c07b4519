/** From source to tree, within bounds of length and depth. Upstream: cel-go parser/parser.go */
import type { Call, Entry, Expr, FieldEntry, Literal } from "./ast.ts";
import { qualifiedName } from "./ast.ts";
import type { Issue } from "./issues.ts";
import { signedDouble, signedInt, SyntaxFailure, tokens, type Token } from "./lexer.ts";
import { expandGlobal, expandMember } from "./macros.ts";
import { codePoints } from "./containers.ts";

/** Upstream: cel-go expressionSizeCodePointLimit, maxRecursionDepth */
const maxCodePoints = 100_000;
const maxDepth = 250;

const binary: readonly (readonly string[])[] = [["<", "<=", ">", ">=", "==", "!=", "in"], ["+", "-"], ["*", "/", "%"]];
const reserved: ReadonlySet<string> = new Set("as break const continue else for function if import let loop package namespace return var void while".split(" "));
const startsOfExpression = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

export type Parsed = { readonly ok: true; readonly expr: Expr } | { readonly ok: false; readonly issue: Issue };

/** Never throws. */
export function parse(source: string): Parsed {
  const size = codePoints(source);
  if (size > maxCodePoints) return failed(0, `expression code point size exceeds limit: size: ${size}, limit ${maxCodePoints}`);
  try {
    return { ok: true, expr: new Parser(tokens(source)).whole() };
  } catch (err) {
    if (err instanceof SyntaxFailure) return failed(err.at, err.message);
    throw err;
  }
}

const failed = (at: number, message: string): Parsed => ({ ok: false, issue: { at, message } });

class Parser {
  readonly #tokens: readonly Token[];
  readonly #depths = new Map<Expr, number>();
  #next = 0;
  #nesting = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  whole(): Expr {
    const expr = this.#expression();
    const { kind, at, text } = this.#peek();
    if (kind !== "end") throw new SyntaxFailure(at, `Syntax error: mismatched input '${text}' expecting <EOF>`);
    return expr;
  }

  #expression(): Expr {
    if (++this.#nesting > maxDepth) throw tooDeep(this.#peek().at);
    const condition = this.#logic("||", () => this.#logic("&&", () => this.#binary(0)));
    const at = this.#peek().at;
    const expr = this.#take("?") ? this.#conditional(condition, at) : condition;
    this.#nesting--;
    return expr;
  }

  #conditional(condition: Expr, at: number): Expr {
    const yes = this.#logic("||", () => this.#logic("&&", () => this.#binary(0)));
    this.#expect(":");
    return this.#call("_?_:_", at, [condition, yes, this.#expression()]);
  }

  /** A chain of `&&` or `||` becomes a balanced tree, so that a long one is not a deep one. */
  #logic(operator: "||" | "&&", operand: () => Expr): Expr {
    const terms = [operand()];
    const positions: number[] = [];
    for (let at = this.#peek().at; this.#take(operator); at = this.#peek().at) {
      positions.push(at);
      terms.push(operand());
    }
    return this.#balanced(`_${operator}_`, terms, positions, 0, positions.length - 1);
  }

  #balanced(name: string, terms: readonly Expr[], positions: readonly number[], low: number, high: number): Expr {
    if (low > high) return terms[low] as Expr;
    const middle = (low + high + 1) >> 1;
    return this.#call(name, positions[middle] ?? 0, [this.#balanced(name, terms, positions, low, middle - 1), this.#balanced(name, terms, positions, middle + 1, high)]);
  }

  #binary(level: number): Expr {
    const operators = binary[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let operator = this.#peek(); operator.kind === "symbol" && operators.includes(operator.text); operator = this.#peek()) {
      this.#next++;
      left = this.#call(operator.text === "in" ? "@in" : `_${operator.text}_`, operator.at, [left, this.#binary(level + 1)]);
    }
    return left;
  }

  #unary(): Expr {
    const first = this.#peek();
    let count = 0;
    while (this.#take(first.text === "!" || first.text === "-" ? first.text : "!")) count++;
    if (count === 0) return this.#member(this.#primary());
    const { kind } = this.#peek();
    if (first.text === "-" && (kind === "int" || kind === "double")) {
      const literal = this.#member(this.#number(first.at, true));
      return count % 2 === 1 ? literal : this.#call("-_", first.at, [literal]);
    }
    const operand = this.#member(this.#primary());
    return count % 2 === 1 ? this.#call(`${first.text}_`, first.at, [operand]) : operand;
  }

  #member(start: Expr): Expr {
    let expr = start;
    for (let token = this.#peek(); token.kind === "symbol" && ".[".includes(token.text); token = this.#peek()) {
      this.#next++;
      expr = token.text === "." ? this.#selection(expr, token.at) : this.#index(expr, token.at);
    }
    return expr;
  }

  #selection(operand: Expr, at: number): Expr {
    const optional = this.#take("?");
    const field = this.#peek();
    if (field.kind !== "ident" && field.kind !== "quoted") throw new SyntaxFailure(field.at, `Syntax error: no viable alternative at input '.${field.text}'`);
    this.#next++;
    const open = this.#peek();
    if (optional || field.kind === "quoted" || !this.#take("(")) return this.#make({ kind: "select", at, operand, field: field.text, test: false, optional }, operand);
    const args = this.#list(")");
    const macro = expandMember(operand, field.text, args, open.at);
    return this.#make(macro ?? { kind: "call", at: open.at, name: field.text, target: operand, args }, operand, ...args);
  }

  #index(operand: Expr, at: number): Expr {
    const optional = this.#take("?");
    const index = this.#expression();
    this.#expect("]");
    return this.#call(optional ? "_[?_]" : "_[_]", at, [operand, index]);
  }

  #primary(): Expr {
    const token = this.#peek();
    if (token.kind === "int" || token.kind === "double") return this.#number(token.at, false);
    this.#next++;
    if (token.kind === "literal") return this.#make({ kind: "literal", at: token.at, value: token.value });
    if (token.kind === "ident") return this.#name(token, token.text);
    if (token.kind === "symbol" && token.text === "(") {
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    if (token.kind === "symbol" && token.text === "[") return this.#listLiteral(token.at);
    if (token.kind === "symbol" && token.text === "{") return this.#mapLiteral(token.at);
    if (token.kind === "symbol" && token.text === "." && this.#peek().kind === "ident") { const name = this.#peek(); this.#next++; return this.#name(name, name.text); }
    throw new SyntaxFailure(token.at, `Syntax error: mismatched input '${token.text}' expecting ${startsOfExpression}`);
  }

  #number(at: number, negative: boolean): Literal {
    const token = this.#peek();
    this.#next++;
    if (token.kind === "int") return this.#make({ kind: "literal", at, value: signedInt(token, negative, at) });
    if (token.kind === "double" && !Number.isFinite(token.magnitude)) throw new SyntaxFailure(at, "invalid double literal");
    if (token.kind === "double") return this.#make({ kind: "literal", at, value: signedDouble(token, negative) });
    throw new SyntaxFailure(token.at, `Syntax error: mismatched input '${token.text}'`);
  }

  /** A name, a call of a function, or the start of an object literal. */
  #name(token: Token, name: string): Expr {
    if (reserved.has(name)) throw new SyntaxFailure(token.at, `reserved identifier: ${name}`);
    const open = this.#peek();
    if (this.#take("(")) {
      const args = this.#list(")");
      return this.#make(expandGlobal(name, args, open.at) ?? { kind: "call", at: open.at, name, target: undefined, args }, ...args);
    }
    const ident = this.#make<Expr>({ kind: "ident", at: token.at, name });
    return this.#struct(ident) ?? ident;
  }

  /** `Object.spec{...}`: looks ahead over the dotted name, and leaves everything as it was if no brace follows. */
  #struct(ident: Expr): Expr | undefined {
    const from = this.#next;
    let type: Expr = ident;
    while (this.#peek().text === "." && this.#tokens[this.#next + 1]?.kind === "ident") {
      type = { kind: "select", at: this.#peek().at, operand: type, field: this.#tokens[this.#next + 1]?.text ?? "", test: false, optional: false };
      this.#next += 2;
    }
    const open = this.#peek();
    if (this.#take("{")) return this.#structLiteral(qualifiedName(type) ?? "", open.at);
    this.#next = from;
    return undefined;
  }

  #structLiteral(type: string, at: number): Expr {
    const fields: FieldEntry[] = [];
    while (!this.#take("}")) {
      const optional = this.#take("?");
      const name = this.#peek();
      if (name.kind !== "ident" && name.kind !== "quoted") throw new SyntaxFailure(name.at, `Syntax error: mismatched input '${name.text}' expecting {'}', ',', '?', IDENTIFIER}`);
      this.#next++;
      const colon = this.#peek();
      this.#expect(":");
      fields.push({ at: colon.at, name: name.text, value: this.#expression(), optional });
      if (!this.#take(",") && this.#peek().text !== "}") this.#expect("}");
    }
    return this.#make({ kind: "struct", at, type, fields }, ...fields.map((field) => field.value));
  }

  #listLiteral(at: number): Expr {
    const items: Expr[] = [];
    const optional = new Set<number>();
    while (!this.#take("]")) {
      if (this.#take("?")) optional.add(items.length);
      items.push(this.#expression());
      if (!this.#take(",") && this.#peek().text !== "]") this.#expect("]");
    }
    return this.#make({ kind: "list", at, items, optional }, ...items);
  }

  #mapLiteral(at: number): Expr {
    const entries: Entry[] = [];
    while (!this.#take("}")) {
      const optional = this.#take("?");
      const key = this.#expression();
      const colon = this.#peek();
      this.#expect(":");
      entries.push({ at: colon.at, key, value: this.#expression(), optional });
      if (!this.#take(",") && this.#peek().text !== "}") this.#expect("}");
    }
    return this.#make({ kind: "map", at, entries }, ...entries.flatMap(({ key, value }) => [key, value]));
  }

  #list(close: string): Expr[] {
    const items: Expr[] = [];
    if (this.#take(close)) return items;
    do items.push(this.#expression()); while (this.#take(","));
    this.#expect(close);
    return items;
  }

  #call(name: string, at: number, args: readonly Expr[]): Call {
    return this.#make({ kind: "call", at, name, target: undefined, args }, ...args);
  }

  #make<T extends Expr>(expr: T, ...children: readonly Expr[]): T {
    let depth = 0;
    for (const child of children) depth = Math.max(depth, this.#depths.get(child) ?? 0);
    if (depth + 1 > maxDepth) throw tooDeep(expr.at);
    this.#depths.set(expr, depth + 1);
    return expr;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", at: 0, text: "<EOF>" };
  }
  #take(symbol: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== "symbol" || text !== symbol) return false;
    this.#next++;
    return true;
  }
  #expect(symbol: string): void {
    const { at, text } = this.#peek();
    if (!this.#take(symbol)) throw new SyntaxFailure(at, text === "<EOF>" ? `Syntax error: missing '${symbol}' at '<EOF>'` : `Syntax error: mismatched input '${text}' expecting '${symbol}'`);
  }
}

const tooDeep = (at: number): SyntaxFailure => new SyntaxFailure(at, `expression recursion limit exceeded: ${maxDepth}`);
