/** Where a webhook is called. Upstream: apiserver/pkg/util/webhook/validation.go */
import type { ServiceReference, WebhookClientConfig } from "#api/gen/admissionregistration-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain, portNumber } from "#apimachinery/validation/names.ts";

const form = "; desired format: https://host[/path]";

export function validateClientConfig({ url, service }: WebhookClientConfig, field: string): readonly Cause[] {
  if ((url === undefined) === (service === undefined)) return [required(field, "exactly one of url or service is required")];
  return url === undefined ? validateService(service ?? { name: "", namespace: "" }, `${field}.service`) : validateUrl(url, `${field}.url`);
}

function validateUrl(text: string, field: string): readonly Cause[] {
  const [, scheme = "", rest = ""] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/)?(.*)$/s.exec(text) ?? [];
  const [, authority = "", query = "", fragment = ""] = /^([^/?#]*)[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(text.includes("//") ? rest : "") ?? [];
  const [, user = "", host = authority] = /^(.*)@(.*)$/s.exec(authority) ?? [];
  if (/[\s\\]/.test(text)) return [required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid character in URL${form}`)];
  return [
    ...(scheme === "https" ? [] : [invalidValue(field, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === "" ? [invalidValue(field, host, `host must be specified${form}`)] : []),
    ...(user === "" ? [] : [invalidValue(field, user, "user information is not permitted in the URL")]),
    ...(fragment === "" ? [] : [invalidValue(field, fragment, "fragments are not permitted in the URL")]),
    ...(query === "" ? [] : [invalidValue(field, query, "query parameters are not permitted in the URL")]),
  ];
}

function validateService({ name, namespace, path, port = 443 }: ServiceReference, field: string): readonly Cause[] {
  const problems = portNumber(port);
  return [
    ...(name === "" ? [required(`${field}.name`, "service name is required")] : []),
    ...(namespace === "" ? [required(`${field}.namespace`, "service namespace is required")] : []),
    ...(problems.length === 0 ? [] : [invalidValue(`${field}.port`, port, `port is not valid: ${problems.join(",")}`)]),
    ...(path === undefined || path === "" || path === "/" ? [] : validatePath(path, `${field}.path`)),
  ];
}

function validatePath(path: string, field: string): readonly Cause[] {
  if (path === "//") return [invalidValue(field, path, "segment[0] may not be empty")];
  const steps = path.slice(1).replace(/\/$/, "").split("/");
  return [
    ...(path.startsWith("/") ? [] : [invalidValue(field, path, "must start with a '/'")]),
    ...steps.flatMap((step, i) => eachInvalid(field, path, step === "" ? [`segment[${i}] may not be empty`] : dns1123Subdomain(step).map((text) => `segment[${i}]: ${text}`))),
  ];
}
