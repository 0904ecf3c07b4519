/** How Go names types in its messages. */
import type { FieldSchema } from "./schema.ts";

const words: Readonly<Record<string, string>> = {
  double: "float64", bytes: "[]uint8", Time: "v1.Time", MicroTime: "v1.MicroTime", Duration: "v1.Duration",
  Quantity: "resource.Quantity", IntOrString: "intstr.IntOrString", RawExtension: "runtime.RawExtension", Any: "v1.JSON",
};

/** `v1.PodSpec` of `core/v1.PodSpec`; `int32` stays. */
export function goWord(type: string): string {
  return words[type] ?? type.slice(type.indexOf("/") + 1);
}

/** The Go type of a whole field: `[]v1.Container`, `map[string]string`, `v1.ResourceList`. */
export function goTypeText(field: Pick<FieldSchema, "type" | "shape" | "enum" | "go">): string {
  if (field.go !== undefined) return field.go;
  const element = goWord(field.enum ?? field.type);
  if (field.shape === undefined) return element;
  return { list: `[]${element}`, map: `map[string]${element}`, lists: `map[string][]${element}` }[field.shape];
}

/** The Go type of one element of a list or map. */
export function goElementText(field: Pick<FieldSchema, "type" | "shape" | "enum" | "go">): string {
  const whole = /^(?:\[\]|map\[[^\]]*\])\*?(.*)$/.exec(goTypeText(field))?.[1];
  return whole ?? goWord(field.enum ?? field.type);
}

/** The bare name of a struct, as in `Go struct field PodSpec.spec.nodeName`. */
export const goStructName = (type: string): string => type.slice(type.indexOf(".") + 1);

/** What a value is in JSON, as Go's decoder calls it. */
export const jsonType = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value === "bigint" ? "number" : typeof value);
