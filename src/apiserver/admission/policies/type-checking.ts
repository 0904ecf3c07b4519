/** What a policy's expressions would do wrong with the kinds that it names. Upstream: apiserver/pkg/admission/plugin/policy/validating/typechecking.go */
import type { ExpressionWarning, ValidatingAdmissionPolicy } from "#api/gen/admissionregistration-v1.ts";
import { compile } from "#apimachinery/cel/compile.ts";
import type { CelType } from "#apimachinery/cel/types.ts";
import type { AnyResource } from "../../registry/resource.ts";
import { admissionEnvironment, compileExpression, typeOf, type Names } from "./environment.ts";
import { typeOfObjects } from "./typed-objects.ts";

/** Kinds beyond these are not checked. Upstream: maxTypesToCheck */
const mostKinds = 10;

/** One warning for each expression that is wrong, with a paragraph for each kind. */
export function typeCheck({ spec }: ValidatingAdmissionPolicy, served: readonly AnyResource[]): readonly ExpressionWarning[] {
  const kinds = kindsOf(spec, served);
  const check = (fieldRef: string, expression: string): readonly ExpressionWarning[] => {
    const warning = kinds.flatMap((resource) => complaint(spec, expression, resource)).join("\n");
    return warning === "" ? [] : [{ fieldRef, warning }];
  };
  return (spec.validations ?? []).flatMap(({ expression, messageExpression = "" }, i) => [
    ...check(`spec.validations[${i}].expression`, expression),
    ...(messageExpression === "" ? [] : check(`spec.validations[${i}].messageExpression`, messageExpression)),
  ]);
}

/** The kinds that the rules name outright; those with a star are not looked at. */
function kindsOf({ matchConstraints }: ValidatingAdmissionPolicy["spec"], served: readonly AnyResource[]): readonly AnyResource[] {
  const rules = (matchConstraints?.resourceRules ?? []).filter(({ apiGroups = [], apiVersions = [], resources = [] }) => ![...apiGroups, ...apiVersions, ...resources].includes("*"));
  return served.filter(({ group, version, names }) => rules.some((rule) =>
    rule.apiGroups?.includes(group) === true && rule.apiVersions?.includes(version) === true && rule.resources?.includes(names.plural) === true)).slice(0, mostKinds);
}

function complaint({ paramKind, variables }: ValidatingAdmissionPolicy["spec"], expression: string, resource: AnyResource): readonly string[] {
  const names: Names = { params: paramKind !== undefined, object: typeOfObjects(resource) };
  const known = new Map<string, CelType>();
  for (const variable of variables ?? []) known.set(variable.name, typeOf(compileExpression(variable.expression, admissionEnvironment({ ...names, variables: new Map(known) }), [])));
  const compiled = compile(expression, admissionEnvironment({ ...names, variables: known }));
  return compiled.ok ? [] : [`${resource.group}/${resource.version}, Kind=${resource.kind}: ${compiled.text}\n`];
}
