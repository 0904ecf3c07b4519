/** The text form of label selectors: `a=b,c in (d,e),!f`. Upstream: apimachinery/pkg/labels/selector.go Parse */
import { isInteger, selectorOf, everything, type LabelSelector, type Operator, type Requirement } from "./label-selector.ts";
import { badRequest, type Cause } from "./status.ts";
import { invalidValue } from "./validation/causes.ts";
import { labelValue, qualifiedName } from "./validation/names.ts";

type TokenKind = "identifier" | "end" | "error" | "(" | ")" | "," | "!" | "=" | "==" | "!=" | ">" | "<" | "in" | "notin";
interface Token { readonly kind: TokenKind; readonly text: string }
const symbols = new Set<string>(["(", ")", ",", "!", "=", "==", "!=", ">", "<"]);

/** Throws BadRequest in upstream's words. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text === "") return everything;
  return selectorOf(new Parser(tokens(text)).parse());
}

function tokens(text: string): Token[] {
  const out: Token[] = [];
  for (const [found] of text.matchAll(/[=!(),<>]+|[^=!(),<>\s]+/g)) {
    if (!/^[=!(),<>]/.test(found)) out.push({ kind: found === "in" || found === "notin" ? found : "identifier", text: found });
    else for (let at = 0; at < found.length; at += out.at(-1)?.text.length ?? 1) out.push(symbolAt(found, at));
  }
  return [...out, { kind: "end", text: "" }];
}

function symbolAt(run: string, at: number): Token {
  const two = run.slice(at, at + 2);
  const text = two.length === 2 && symbols.has(two) ? two : run.charAt(at);
  return { kind: text as TokenKind, text };
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(list: readonly Token[]) { this.#tokens = list; }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === "end") return requirements;
      if (token.kind !== "identifier" && token.kind !== "!") throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirement());
      const after = this.#next();
      if (after.kind === "end") return requirements;
      if (after.kind !== ",") throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`);
      const follower = this.#peek();
      if (follower.kind !== "identifier" && follower.kind !== "!") throw badRequest(`found '${follower.text}', expected: identifier after ','`);
    }
  }

  #requirement(): Requirement {
    const negated = this.#peek().kind === "!";
    if (negated) this.#next();
    const key = this.#next();
    if (key.kind !== "identifier") throw refused(`found '${key.text}', expected: identifier`);
    complain("<nil>", key.text, qualifiedName(key.text));
    const { kind } = this.#peek();
    if (negated) return { key: key.text, operator: "!", values: [] };
    if (kind === "end" || kind === ",") return { key: key.text, operator: "exists", values: [] };
    const operator = this.#operator();
    const values = operator === "in" || operator === "notin" ? this.#values() : [this.#exactValue()];
    if ((operator === ">" || operator === "<") && !isInteger(values[0] ?? "")) throw refused(`values[0]: Invalid value: "${values[0]}": for 'Gt', 'Lt' operators, the value must be an integer`);
    values.forEach((v, i) => complain(`values[${i}][${key.text}]`, v, labelValue(v)));
    return { key: key.text, operator, values };
  }

  #operator(): Operator {
    const token = this.#tokens[this.#at++] ?? end;
    switch (token.kind) {
      case "=": case "==": return "=";
      case "!=": case ">": case "<": case "in": case "notin": return token.kind;
      case "identifier": case "end": case "error": case "(": case ")": case ",": case "!":
        throw refused(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #values(): string[] {
    const open = this.#next();
    if (open.kind !== "(") throw refused(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    let last = ",";
    for (;;) {
      const token = this.#next();
      if (token.kind === "identifier" && last === ",") values.add(token.text);
      else if (token.kind === "," || token.kind === ")") { if (last === ",") values.add(""); }
      else throw refused(`found '${token.text}', expected: ${last === "," ? "',', or identifier" : "',' or ')'"}`);
      if (token.kind === ")") return [...values].sort();
      last = token.kind;
    }
  }

  #exactValue(): string {
    const { kind } = this.#peek();
    if (kind === "end" || kind === ",") return "";
    const token = this.#next();
    if (token.kind !== "identifier") throw refused(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** `in` and `notin` are plain words except where an operator is due. */
  #peek(): Token {
    const token = this.#tokens[this.#at] ?? end;
    return token.kind === "in" || token.kind === "notin" ? { kind: "identifier", text: token.text } : token;
  }
  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

const end: Token = { kind: "end", text: "" };
const refused = (why: string): Error => badRequest(`unable to parse requirement: ${why}`);
const textOf = (c: Cause): string => `${c.field}: ${c.message}`;
function complain(field: string, value: string, messages: readonly string[]): void {
  if (messages.length > 0) throw refused(textOf(invalidValue(field, value, messages.join("; "))));
}
