/** Expressions over a device: what they may name, and which devices they mean. Upstream: dynamic-resource-allocation/cel/compile.go */
import { compile } from "#apimachinery/cel/compile.ts";
import { MapValue } from "#apimachinery/cel/containers.ts";
import type { Environment } from "#apimachinery/cel/environment.ts";
import { quantityValue } from "#apimachinery/cel/library/quantities.ts";
import { semverValue } from "#apimachinery/cel/library/semvers.ts";
import { standardFunctions } from "#apimachinery/cel/library/standard.ts";
import type { Program } from "#apimachinery/cel/program.ts";
import { StructValue } from "#apimachinery/cel/struct-value.ts";
import { boolType, bounded, dynType, isDynamic, mapType, objectType, opaqueType, stringType, typeText, type CelType } from "#apimachinery/cel/types.ts";
import { CelError, typeNameOf, type Value } from "#apimachinery/cel/values.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Device, DeviceAttribute } from "./gen/resource-v1.ts";

const typeName = "kubernetes.DRADevice";
/** The most characters, and the most attributes and capacities of a device: what bounds the cost of an expression. */
const longest = { driver: 63, domain: 63, name: 32, attribute: 64 } as const;
const mostProperties = 32;
const named = (value: CelType): CelType => bounded(mapType(bounded(stringType, longest.name), value), mostProperties);
const byDomain = (value: CelType): CelType => bounded(mapType(bounded(stringType, longest.domain), named(value)), mostProperties);
const device = objectType(typeName, new Map([
  ["driver", bounded(stringType, longest.driver)], ["attributes", byDomain(bounded(dynType, longest.attribute))], ["capacity", byDomain(opaqueType("kubernetes.Quantity"))], ["allowMultipleAllocations", boolType],
]));
const environment: Environment = { functions: standardFunctions, variables: new Map([["device", device]]) };

/** Upstream: CompileCELExpression */
export function compileSelector(expression: string): { readonly program: Program } | { readonly error: string } {
  const compiled = compile(expression, environment);
  if (!compiled.ok) return { error: `compilation failed: ${compiled.text}` };
  const { returnType } = compiled.program;
  return returnType.kind === "bool" || isDynamic(returnType) ? compiled : { error: `must evaluate to bool or the unknown type, not ${typeText(returnType)}` };
}

/** `cost` is what finding out took. */
export type Selection = { readonly cost: number } & ({ readonly matches: boolean } | { readonly error: string });

/** Whether an expression means a device of the driver; an error where it cannot be said of this device. Upstream: DeviceMatches */
export function selects(program: Program, of: Device, driver: string): Selection {
  const value = deviceValue(of, driver);
  const outcome = program.run((name) => (name === "device" ? value : undefined));
  const { cost } = outcome;
  if (!outcome.ok) return { cost, error: outcome.error };
  if (typeof outcome.value === "boolean") return { cost, matches: outcome.value };
  return { cost, error: `CEL result of type ${typeNameOf(outcome.value)} could not be converted to bool` };
}

const deviceValue = ({ attributes = {}, capacity = {}, allowMultipleAllocations: shared = false }: Device, driver: string): Value => new StructValue(typeName, new Map<string, Value>([
  ["driver", driver], ["allowMultipleAllocations", shared],
  ["attributes", new Domains(attributes, driver, attributeValue)],
  ["capacity", new Domains(capacity, driver, ({ value }) => quantityValue(Quantity.parse(value)))],
]));

function attributeValue({ int, bool, string: text, version }: DeviceAttribute): Value {
  if (version !== undefined) return semverValue(version);
  return int ?? bool ?? text ?? new CelError("unsupported attribute value");
}

/** Names by their domain, that of the driver where a name has none. A domain that is not there is empty. */
class Domains<T> extends MapValue {
  readonly #domains = new Map<string, Map<string, T>>();
  readonly #read: (item: T) => Value;

  constructor(items: Readonly<Record<string, T>>, driver: string, read: (item: T) => Value) {
    super();
    this.#read = read;
    for (const [name, item] of Object.entries(items)) {
      const slash = name.indexOf("/");
      const domain = slash < 0 ? driver : name.slice(0, slash);
      const known = this.#domains.get(domain) ?? new Map<string, T>();
      this.#domains.set(domain, known.set(name.slice(slash + 1), item));
    }
  }

  get size(): number { return this.#domains.size; }
  override has(key: Value): boolean { return typeof key === "string" && this.#domains.has(key); }
  get(key: Value): Value | undefined { return typeof key === "string" ? new Names(this.#domains.get(key) ?? new Map<string, T>(), this.#read) : undefined; }
  keys(): readonly Value[] { return [...this.#domains.keys()]; }
}

/** What a device has under one domain, read where an expression looks. */
class Names<T> extends MapValue {
  readonly #items: ReadonlyMap<string, T>;
  readonly #read: (item: T) => Value;

  constructor(items: ReadonlyMap<string, T>, read: (item: T) => Value) {
    super();
    this.#items = items;
    this.#read = read;
  }

  get size(): number { return this.#items.size; }
  get(key: Value): Value | undefined {
    const item = typeof key === "string" ? this.#items.get(key) : undefined;
    return item === undefined ? undefined : this.#read(item);
  }
  keys(): readonly Value[] { return [...this.#items.keys()]; }
}
