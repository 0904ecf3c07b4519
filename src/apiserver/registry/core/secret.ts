import type { Secret } from "#api/gen/core-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import { jsonType } from "#apimachinery/go-types.ts";
import { parseJson } from "#apimachinery/json.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, immutable, invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { configMapKey } from "#apimachinery/validation/names.ts";
import { messageOf } from "#base/error-message.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { decodedLength, maxDataBytes, validateFrozen } from "./config-map.ts";

const accountAnnotation = "kubernetes.io/service-account.name";

/** `stringData` is write-only: its values land in `data`. Upstream: pkg/apis/core/v1 Convert_v1_Secret_To_core_Secret */
function defaults(secret: Secret): void {
  if (secret.stringData !== undefined) {
    const encoded = Object.fromEntries(Object.entries(secret.stringData).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
    secret.data = { ...secret.data, ...encoded };
    delete secret.stringData;
  }
  if (!secret.type) secret.type = "Opaque";
}

const missing = (data: Readonly<Record<string, string>>, ...keys: readonly string[]): readonly Cause[] =>
  keys.filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`));

function validJson(data: Readonly<Record<string, string>>, key: string): readonly Cause[] {
  const text = data[key];
  if (text === undefined) return [required(`data[${key}]`)];
  const problem = jsonProblem(Buffer.from(text, "base64"));
  return problem === undefined ? [] : [invalidValue(`data[${key}]`, "<secret contents redacted>", problem)];
}

/** In Go's words, which tell of a secret one character at most. */
function jsonProblem(bytes: Buffer): string | undefined {
  try {
    const { value } = parseJson(bytes, { duplicates: false });
    return value === null || isRecord(value) ? undefined : `json: cannot unmarshal ${jsonType(value)} into Go value of type map[string]interface {}`;
  } catch (err) {
    const message = messageOf(err);
    return goSyntax.test(message) ? message : "invalid JSON"; // other parsers quote the text
  }
}

const goSyntax = /^(?:invalid character|unexpected end) /;

const byType: Readonly<Record<string, (secret: Secret, data: Readonly<Record<string, string>>) => readonly Cause[]>> = {
  "kubernetes.io/service-account-token": ({ metadata }) => (metadata.annotations?.[accountAnnotation] ? [] : [required(`metadata.annotations[${accountAnnotation}]`)]),
  "kubernetes.io/dockercfg": (_, data) => validJson(data, ".dockercfg"),
  "kubernetes.io/dockerconfigjson": (_, data) => validJson(data, ".dockerconfigjson"),
  "kubernetes.io/basic-auth": (_, data) => (Object.hasOwn(data, "username") || Object.hasOwn(data, "password") ? [] : missing(data, "username", "password")),
  "kubernetes.io/ssh-auth": (_, data) => (data["ssh-privatekey"] ? [] : [required("data[ssh-privatekey]")]),
  "kubernetes.io/tls": (_, data) => missing(data, "tls.crt", "tls.key"),
};

function validate(secret: Secret): readonly Cause[] {
  const data = secret.data ?? {};
  const bytes = Object.values(data).reduce((sum, text) => sum + decodedLength(text), 0);
  return [
    ...Object.keys(data).flatMap((key) => eachInvalid(`data[${key}]`, key, configMapKey(key))),
    ...(bytes > maxDataBytes ? [tooLong("data", maxDataBytes)] : []),
    ...(byType[secret.type ?? ""]?.(secret, data) ?? []),
  ];
}

/** Upstream: pkg/apis/core/validation ValidateSecret */
export const secrets: Resource<Secret> = {
  group: "", version: "v1", kind: "Secret", schema: "core/v1.Secret", scope: "Namespaced",
  names: { plural: "secrets", singular: "secret" },
  defaults,
  validate,
  validateUpdate: (next, old) => [...immutable("type", next.type, old.type), ...validateFrozen(next, old, ["data"])],
  selectableFields: { type: ({ type }) => type ?? "" },
  columns: [
    nameColumn,
    { name: "Type", type: "string", description: "What the secret is for.", cell: ({ type }) => type ?? "" },
    { name: "Data", type: "string", description: "How many keys the secret holds.", cell: ({ data }) => Object.keys(data ?? {}).length },
    ageColumn,
  ],
};
