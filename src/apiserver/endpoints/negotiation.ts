import { StatusError } from "#apimachinery/status.ts";

/** What the client wants to read. */
export interface Accepted {
  readonly format: "json" | "yaml";
  /** Another shape than the object's own. */
  readonly as?: "Table" | "PartialObjectMetadata";
}

interface Clause { readonly type: string; readonly parameters: ReadonlyMap<string, string>; readonly quality: number }

const shapes: Readonly<Record<string, Accepted["as"]>> = { Table: "Table", PartialObjectMetadata: "PartialObjectMetadata", PartialObjectMetadataList: "PartialObjectMetadata" };

/** The first clause of `Accept` that can be served. Throws NotAcceptable. Upstream: handlers/negotiation NegotiateMediaTypeOptions */
export function negotiate(accept: string | undefined, reshape: boolean): Accepted {
  const clauses = clausesOf(accept ?? "");
  if (clauses.length === 0) return { format: "json" };
  for (const clause of clauses) {
    const accepted = serve(clause, reshape);
    if (accepted !== undefined) return accepted;
  }
  throw new StatusError("NotAcceptable", "only the following media types are accepted: application/json, application/yaml");
}

function serve({ type, parameters }: Clause, reshape: boolean): Accepted | undefined {
  const format = formatOf(type);
  if (format === undefined) return undefined;
  const as = parameters.get("as");
  if (as === undefined) return { format };
  const shape = Object.hasOwn(shapes, as) ? shapes[as] : undefined;
  if (!reshape || shape === undefined || format !== "json" || parameters.get("g") !== "meta.k8s.io" || parameters.get("v") !== "v1") return undefined;
  return { format, as: shape };
}

function formatOf(type: string): Accepted["format"] | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  return type === "application/yaml" ? "yaml" : undefined;
}

/** Best quality first; in the order written where it is the same. */
export function clausesOf(accept: string): Clause[] {
  const clauses = accept.split(",").map((text): Clause => {
    const [type = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map((part) => [part.split("=", 1)[0] ?? "", part.slice(part.indexOf("=") + 1)] as const));
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.get("q") ?? 1) };
  });
  return clauses.filter((c) => c.type !== "" && c.quality > 0).sort((a, b) => b.quality - a.quality);
}
