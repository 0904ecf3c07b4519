import type { DeviceAttribute, DeviceConstraint } from "#api/gen/resource-v1.ts";
import { attributeOf, type Candidate } from "./candidate.ts";
import type { Wanted } from "./wanted.ts";

/**
 * Devices of a claim that must be alike in one attribute, or all different. It knows how many of the devices taken so
 * far have which value. Upstream: matchAttributeConstraint, distinctAttributeConstraint
 */
export class Constraint {
  readonly #requests: ReadonlySet<string>;
  readonly #attribute: string;
  readonly #distinct: boolean;
  readonly #values = new Map<string, number>();

  constructor({ requests = [], matchAttribute, distinctAttribute }: DeviceConstraint) {
    this.#requests = new Set(requests);
    this.#attribute = matchAttribute ?? distinctAttribute ?? "";
    this.#distinct = matchAttribute === undefined;
  }

  /** False, and nothing has changed, if the device does not go with the others. */
  add(wanted: Wanted, candidate: Candidate): boolean {
    if (!this.#isAbout(wanted)) return true;
    const value = textOf(attributeOf(candidate, this.#attribute));
    if (value === undefined || !this.#goes(value)) return false;
    this.#values.set(value, (this.#values.get(value) ?? 0) + 1);
    return true;
  }

  /** Takes an `add` back that was true. */
  remove(wanted: Wanted, candidate: Candidate): void {
    if (!this.#isAbout(wanted)) return;
    const value = textOf(attributeOf(candidate, this.#attribute)) ?? "";
    const left = (this.#values.get(value) ?? 0) - 1;
    if (left > 0) this.#values.set(value, left);
    else this.#values.delete(value);
  }

  #goes(value: string): boolean {
    return this.#distinct ? !this.#values.has(value) : this.#values.size === 0 || this.#values.has(value);
  }

  #isAbout({ name, request }: Wanted): boolean {
    return this.#requests.size === 0 || this.#requests.has(request) || this.#requests.has(name);
  }
}

/** The same for the same value of the same type. Lists are compared only where a gate is on that is off by default. */
function textOf(attribute: DeviceAttribute | undefined): string | undefined {
  for (const type of ["string", "int", "bool", "version"] as const) if (attribute?.[type] !== undefined) return `${type} ${String(attribute[type])}`;
  return undefined;
}
