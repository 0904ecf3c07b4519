/** Regular expressions, by RE2: linear in the text whatever the pattern. Upstream: cel-go matches, apiserver/pkg/cel/library/regex.go */
import { RE2JS, RE2JSSyntaxException } from "re2js";
import { touch } from "../budget.ts";
import { matching } from "../call-costs.ts";
import { ArrayList } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import type { Int } from "../numbers.ts";
import { CelError, type Value } from "../values.ts";

const known = new Map<string, RE2JS | CelError>();
const maxKnown = 1_000;
const longestKept = 1_000;
/** Longer patterns take too long to read, and nobody writes them. */
const longestPattern = 10_000;
/** What reading a character of a pattern weighs against touching an item. */
const patternWeight = 10;

/** Compiled once for each pattern; the error of one that is none. */
function regex(pattern: string): RE2JS | CelError {
  const before = known.get(pattern);
  if (before !== undefined) return before;
  if (pattern.length > longestPattern) return new CelError(`error parsing regexp: pattern of ${pattern.length} characters is too long`);
  touch(pattern.length * patternWeight);
  const made = compiled(pattern);
  if (pattern.length > longestKept) return made;
  if (known.size >= maxKnown) known.clear();
  known.set(pattern, made);
  return made;
}

function compiled(pattern: string): RE2JS | CelError {
  try {
    return RE2JS.compile(pattern);
  } catch (err) {
    if (err instanceof RE2JSSyntaxException) return new CelError(err.message);
    throw err;
  }
}

const withRegex = (pattern: string, use: (re: RE2JS) => Value): Value => {
  const re = regex(pattern);
  return re instanceof CelError ? re : use(re);
};

const matches = (text: string, pattern: string): Value => withRegex(pattern, (re) => re.test(text));

function find(text: string, pattern: string): Value {
  return withRegex(pattern, (re) => {
    const matcher = re.matcher(text);
    return matcher.find() ? matcher.group() ?? "" : "";
  });
}

function findAll(text: string, pattern: string, limit: Int = -1): Value {
  return withRegex(pattern, (re) => {
    const found: string[] = [];
    const matcher = re.matcher(text);
    while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? "");
    return new ArrayList(found);
  });
}

export const regexLibrary: readonly Overload[] = [
  overload("string.matches(string) -> bool", matches, matching),
  overload("matches(string, string) -> bool", matches, matching),
  overload("string.find(string) -> string", find, matching),
  overload("string.findAll(string) -> list(string)", findAll, matching),
  overload("string.findAll(string, int) -> list(string)", findAll, matching),
];
