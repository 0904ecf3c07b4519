/** What an expression may name: variables, functions, object types. */
import type { FunctionTable } from "./declarations.ts";
import type { CelType } from "./types.ts";

export interface Environment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: FunctionTable;
  /** Object types that a literal such as `Object.spec{...}` may make. */
  readonly structs?: (name: string) => CelType | undefined;
}
