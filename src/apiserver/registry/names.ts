import { randomInt } from "node:crypto";

const letters = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;
const maxGenerated = 63;

/** `base` and five random letters, cut so that a label can hold it. Upstream: apiserver/pkg/storage/names SimpleNameGenerator */
export function generateName(base: string): string {
  const suffix = Array.from({ length: suffixLength }, () => letters[randomInt(letters.length)]).join("");
  return base.slice(0, maxGenerated - suffixLength) + suffix;
}
