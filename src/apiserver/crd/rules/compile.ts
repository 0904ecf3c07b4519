/** `x-kubernetes-validations` made ready to run. Upstream: apiextensions-apiserver/pkg/apiserver/schema/cel/compilation.go */
import type { JSONSchemaProps, ValidationRule } from "#api/gen/apiextensions-v1.ts";
import { compile } from "#apimachinery/cel/compile.ts";
import { standardFunctions } from "#apimachinery/cel/library/standard.ts";
import type { Program } from "#apimachinery/cel/program.ts";
import { bindSchema, type Binding } from "#apimachinery/cel/schema-types.ts";
import { boolType, dynType, optionalType, stringType, type CelType } from "#apimachinery/cel/types.ts";

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Undefined where the rule is wrong. */
  readonly program: Program | undefined;
  readonly message: Program | undefined;
  readonly usesOldSelf: boolean;
  /** What is wrong with the rule, and with its messageExpression. */
  readonly error: string | undefined;
  readonly messageError: string | undefined;
}

export interface CompiledRules { readonly binding: Binding; readonly rules: readonly CompiledRule[] }

/** Undefined where expressions cannot see the schema's values. @param root it is the schema of a whole resource */
export function compileRules(schema: JSONSchemaProps, rules: readonly ValidationRule[], root: boolean): CompiledRules | undefined {
  const binding = bindSchema(schema, "selfType", root);
  return binding && { binding, rules: rules.map((rule) => compileRule(rule, binding)) };
}

function compileRule(rule: ValidationRule, { type }: Binding): CompiledRule {
  const variables = new Map<string, CelType>([["self", type], ["oldSelf", rule.optionalOldSelf === true ? optionalType(type) : type]]);
  const main = programOf(rule.rule, variables, boolType, "cel expression must evaluate to a bool");
  const message = rule.messageExpression ? programOf(rule.messageExpression, variables, stringType, "messageExpression must evaluate to a string") : {};
  return {
    rule, program: main.program, message: message.program, error: main.error && (main.failed ? `compilation failed: ${main.error}` : main.error),
    messageError: message.error && (message.failed ? `messageExpression compilation failed: ${message.error}` : message.error),
    usesOldSelf: main.program?.variables.has("oldSelf") === true || message.program?.variables.has("oldSelf") === true,
  };
}

interface Outcome { readonly program?: Program; readonly error?: string; readonly failed?: boolean }

function programOf(source: string, variables: ReadonlyMap<string, CelType>, wanted: CelType, otherwise: string): Outcome {
  const compiled = compile(source, { variables, functions: standardFunctions });
  if (!compiled.ok) return { error: compiled.text, failed: true };
  const { returnType } = compiled.program;
  return returnType.kind === wanted.kind || returnType.kind === dynType.kind ? { program: compiled.program } : { error: otherwise };
}
