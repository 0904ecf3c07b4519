import { badRequest } from "../status.ts";

/** One step to a value: a field, an index, or the key of a map. */
export type Step = string | number | { readonly key: string };

/** Where a decoder stands, and what it has met. Upstream keeps no more than a hundred problems; neither do we. */
export class DecodeContext {
  readonly unknown: string[] = [];
  readonly path: Step[] = [];
  /** Name of the struct whose field is being read, "" at the top. */
  struct = "";
  /** Keys are visited as they stand in the document, only to find the problems in that order. */
  readonly documentOrder: boolean;

  constructor(documentOrder: boolean) { this.documentOrder = documentOrder; }

  unknownField(name: string): void {
    if (this.unknown.length < 100) this.unknown.push(`unknown field "${textOf([...this.path, name])}"`);
  }

  /** Throws BadRequest: the value is not of this Go type. Upstream: sigs.k8s.io/json UnmarshalTypeError */
  mismatch(value: unknown, goType: string, literal = false): never {
    const what = literal ? `number ${String(value)}` : wordOf(value);
    if (this.path.length === 0) throw badRequest(`json: cannot unmarshal ${what} into Go value of type ${goType}`);
    const fields = this.path.filter((step) => typeof step === "string").join(".");
    throw badRequest(`json: cannot unmarshal ${what} into Go struct field ${this.struct}.${fields} of type ${goType}`);
  }
}

function textOf(path: readonly Step[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    const name = typeof step === "string" ? step : step.key;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

function wordOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
