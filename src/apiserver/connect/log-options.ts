import { badRequest, invalid, type Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, oneOf } from "#apimachinery/validation/causes.ts";

const least = { tailLines: 0, limitBytes: 1, sinceSeconds: 1 } as const;
const streams = ["All", "Stderr", "Stdout"] as const;

/** Throws BadRequest for what is no number, Invalid for what no log can be asked for. Upstream: pkg/apis/core/validation ValidatePodLogOptions */
export function refuseLogOptions(query: URLSearchParams, pod: string): void {
  const causes: Cause[] = [];
  for (const [name, minimum] of Object.entries(least)) {
    const text = query.get(name) ?? "";
    if (text === "") continue;
    if (!/^-?\d{1,18}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    if (Number(text) < minimum) causes.push(invalidValue(name, Number(text), minimum === 0 ? "must be greater than or equal to 0" : "must be greater than 0"));
  }
  if (query.get("sinceSeconds") && query.get("sinceTime")) causes.push(forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
  causes.push(...streamCauses(query.get("stream") || "All", query.get("tailLines") || undefined));
  if (causes.length > 0) throw invalid({ group: "", kind: "PodLogOptions" }, pod, causes);
}

function streamCauses(stream: string, tailLines: string | undefined): Cause[] {
  const causes = oneOf("stream", stream, streams);
  if (causes.length > 0 || stream === "All" || tailLines === undefined) return causes;
  return [forbidden("", "`tailLines` and specific `stream` are mutually exclusive for now")];
}
