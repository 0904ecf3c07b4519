import type { JSONSchemaProps, ValidationRule } from "#api/gen/apiextensions-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { fieldAt } from "./field-path.ts";

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const broken = (text: string): boolean => /[\n\r]/.test(text);

/** `x-kubernetes-validations` as far as their texts go; whether they compile is another question. */
export const ruleTexts = (schema: JSONSchemaProps, path: string): readonly Cause[] =>
  (schema["x-kubernetes-validations"] ?? []).flatMap((rule, i) => [...texts(rule, `${path}.x-kubernetes-validations[${i}]`), ...target(rule, schema, `${path}.x-kubernetes-validations[${i}]`)]);

function texts({ rule, message = "", messageExpression = "", reason }: ValidationRule, path: string): readonly Cause[] {
  const [text, said] = [rule.trim(), message.trim()];
  const causes: Cause[] = [];
  if (text === "") causes.push(required(`${path}.rule`, "rule is not specified"));
  else if (message !== "" && said === "") causes.push(invalidValue(`${path}.message`, message, "message must be non-empty if specified"));
  else if (broken(said)) causes.push(invalidValue(`${path}.message`, message, "message must not contain line breaks"));
  else if (broken(text) && said === "") causes.push(required(`${path}.message`, "message must be specified if rule contains line breaks"));
  if (messageExpression !== "" && messageExpression.trim() === "") causes.push(required(`${path}.messageExpression`, "messageExpression must be non-empty if specified"));
  if (reason !== undefined && !reasons.includes(reason)) causes.push(notSupported(`${path}.reason`, reason, reasons));
  return causes;
}

function target({ fieldPath = "" }: ValidationRule, schema: JSONSchemaProps, path: string): readonly Cause[] {
  const causes: Cause[] = [];
  if (fieldPath !== "" && fieldPath.trim() === "") causes.push(invalidValue(`${path}.fieldPath`, fieldPath, "fieldPath must be non-empty if specified"));
  if (broken(fieldPath)) causes.push(invalidValue(`${path}.fieldPath`, fieldPath, "fieldPath must not contain line breaks"));
  if (fieldPath !== "" && typeof fieldAt(fieldPath, schema, true) === "string") causes.push(invalidValue(`${path}.fieldPath`, fieldPath, "fieldPath must be a valid path"));
  return causes;
}
