/** `metadata.name=x,spec.nodeName!=y`. Upstream: apimachinery/pkg/fields/selector.go */
import { badRequest } from "./status.ts";

export interface FieldRequirement { readonly field: string; readonly value: string; readonly equal: boolean }
export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  /** @param fields gives the object's value of a field, "" where absent */
  matches(fields: (name: string) => string): boolean;
  toString(): string;
}

/** Throws BadRequest in upstream's words. Whether the kind knows a field is the caller's question. */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements = splitTerms(text).sort().filter((term) => term !== "").map((term) => parseTerm(term, text));
  return {
    requirements,
    matches: (fields) => requirements.every(({ field, value, equal }) => (fields(field) === value) === equal),
    toString: () => requirements.map(({ field, value, equal }) => `${field}${equal ? "=" : "!="}${value.replace(/[\\,=]/g, "\\$&")}`).join(","),
  };
}

/** Splits at commas that no backslash hides. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === ",") { terms.push(text.slice(from, i)); from = i + 1; }
  }
  return [...terms, text.slice(from)];
}

function parseTerm(term: string, whole: string): FieldRequirement {
  const found = /^([^=!]*(?:!(?!=)[^=!]*)*)(!=|==|=)([^]*)$/.exec(term);
  if (!found) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  const [, field = "", operator, value = ""] = found;
  return { field, value: unescape(value), equal: operator !== "!=" };
}

function unescape(value: string): string {
  for (const [token] of value.matchAll(/\\[^]?|[,=]/g)) {
    if (/^\\[\\,=]/.test(token)) continue;
    throw badRequest(token.startsWith("\\") ? `invalid field selector: invalid escape sequence: ${token}` : `invalid field selector: unescaped character in value: ${token.charCodeAt(0)}`);
  }
  return value.replace(/\\([\\,=])/g, "$1");
}
