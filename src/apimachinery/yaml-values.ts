/** From YAML nodes to plain values. */
import { isAlias, isMap, isScalar, isSeq, type Alias, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import { isRecord } from "./equal.ts";
import { quote } from "./quote.ts";

export class YamlError extends Error {
  override readonly name = "YamlError";
}

/** Values that aliases may add to a document. A billion laughs end here. */
const aliasBudget = 50_000;

export class YamlReader {
  /** `line 3: key "replicas" already set in map`, in document order. */
  readonly duplicates: string[] = [];
  readonly #lineAt: (offset: number) => number;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliases = 0;
  #spent = 0;

  constructor(lineAt: (offset: number) => number) { this.#lineAt = lineAt; }

  read(node: unknown): unknown {
    if (this.#aliases > 0 && ++this.#spent > aliasBudget) throw new YamlError("document contains excessive aliasing");
    if (isAlias(node)) return this.#alias(node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (node.anchor !== undefined && this.#aliases === 0) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return scalarValue(node);
    this.#open.add(node);
    const value = isSeq(node) ? node.items.map((item) => this.read(item)) : this.#map(node);
    this.#open.delete(node);
    return value;
  }

  #alias(alias: Alias): unknown {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) throw new YamlError(`unknown anchor '${alias.source}' referenced`);
    if (this.#open.has(target)) throw new YamlError(`anchor '${alias.source}' value contains itself`);
    this.#aliases++;
    const value = this.read(target);
    this.#aliases--;
    return value;
  }

  #map(map: YAMLMap): Record<string, unknown> {
    const own = new Map<string, unknown>();
    const merged: Record<string, unknown>[] = [];
    for (const pair of map.items) {
      if (isMergeKey(pair)) merged.push(...this.#merged(pair.value));
      else this.#member(pair, own);
    }
    const all = new Map(own);
    for (const base of merged) for (const [key, value] of Object.entries(base)) if (!all.has(key)) all.set(key, value);
    return Object.fromEntries(all);
  }

  #member(pair: Pair, into: Map<string, unknown>): void {
    const key = keyText(this.read(pair.key));
    if (into.has(key) && this.#aliases === 0) {
      const offset = isScalar(pair.key) || isMap(pair.key) ? pair.key.range?.[0] : undefined;
      this.duplicates.push(`line ${this.#lineAt(offset ?? 0)}: key ${quote(key)} already set in map`);
    }
    into.set(key, this.read(pair.value));
  }

  #merged(value: unknown): Record<string, unknown>[] {
    const read = this.read(value);
    const maps = Array.isArray(read) ? read : [read];
    if (!maps.every(isRecord)) throw new YamlError("map merge requires map or sequence of maps as the value");
    return maps;
  }
}

const isMergeKey = (pair: Pair): boolean => isScalar(pair.key) && pair.key.type === "PLAIN" && pair.key.value === "<<";

/** A key that is no string is printed as JSON would. Upstream: sigs.k8s.io/yaml convertToJSONableObject */
function keyText(key: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "boolean") return String(key);
  throw new YamlError(key === null ? "unsupported map key of type: null" : "unsupported map key: a list or map");
}

function scalarValue(node: Scalar): unknown {
  const text = typeof node.value === "string" ? node.value : "";
  const { tag } = node;
  if (tag === `${core}binary`) return Buffer.from(text, "base64").toString("utf8");
  if (tag === "!" || tag === `${core}str`) return text;
  const typed = tag !== undefined && ["int", "float", "bool", "null"].some((name) => tag === core + name);
  return typed || node.type === "PLAIN" ? plainValue(text) : text;
}
const core = "tag:yaml.org,2002:";

const words = new Map<string, unknown>([
  ...["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"].map((word): [string, unknown] => [word, true]),
  ...["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"].map((word): [string, unknown] => [word, false]),
  ...["", "~", "null", "Null", "NULL"].map((word): [string, unknown] => [word, null]),
]);

/** What a bare word means in YAML 1.1. `0644` is octal, `12:30` a string. Upstream: go-yaml v2 resolve.go */
function plainValue(text: string): unknown {
  const known = words.get(text);
  if (known !== undefined) return known;
  if (!/^[-+.\d]/.test(text)) return text;
  const bare = text.replaceAll("_", "");
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/.exec(bare) ?? [];
  const integer = integerOf(digits);
  if (integer !== undefined) return sign === "-" ? -integer : integer;
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(bare)) return Number(bare);
  return text;
}

function integerOf(digits: string): number | undefined {
  if (/^(?:0|[1-9]\d*)$/.test(digits)) return Number(digits);
  if (/^0[oO]?[0-7]+$/.test(digits)) return Number.parseInt(digits.replace(/^0[oO]?/, ""), 8);
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) return Number.parseInt(digits.slice(2), 16);
  return /^0[bB][01]+$/.test(digits) ? Number.parseInt(digits.slice(2), 2) : undefined;
}
