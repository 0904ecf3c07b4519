import { RE2JS } from "re2js";

/** Definitions repeat few patterns many times. */
const kept = 256;
const compiled = new Map<string, RE2JS>();

/** Linear in the text, whatever the pattern. Throws for what is no pattern of RE2. */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern) ?? RE2JS.compile(pattern);
  compiled.delete(pattern);
  compiled.set(pattern, known); // the newest is last
  for (const oldest of compiled.keys()) {
    if (compiled.size <= kept) break;
    compiled.delete(oldest);
  }
  return known;
}
