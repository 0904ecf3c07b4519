/** Which of the server's formats and shapes a client reads. Upstream: apiserver/pkg/endpoints/handlers/negotiation */
import { StatusError } from "#apimachinery/status.ts";

const mediaTypes = { json: "application/json", yaml: "application/yaml", protobuf: "application/vnd.kubernetes.protobuf" } as const;
export type Format = keyof typeof mediaTypes;
/** Another shape than the object's own. */
export type Shape = "Table" | "PartialObjectMetadata";

/** What the client wants to read. */
export interface Accepted { readonly format: Format; readonly pretty: boolean; readonly as?: { readonly shape: Shape; readonly apiVersion: string } }

/** What there is to have. */
export interface Offer {
  readonly shapes: readonly Shape[];
  /** False for what has no message of its own: custom resources. Their metadata alone can be had. */
  readonly protobuf: boolean;
  /** Events, one after the other. */
  readonly stream: boolean;
  /** Types between which upstream's router chooses before anybody negotiates; absent where it has none, as for custom resources. */
  readonly routed?: readonly string[];
}
/** What every route to a built-in kind offers, and what one to many objects does. */
export const oneRouted: readonly string[] = Object.values(mediaTypes);
export const manyRouted: readonly string[] = [...oneRouted, `${mediaTypes.json};stream=watch`, `${mediaTypes.protobuf};stream=watch`];
/** Of errors, which nobody routes. */
export const errorOffer: Offer = { shapes: [], protobuf: true, stream: false };
/** Of other answers that are no resource's: discovery. */
export const plainOffer: Offer = { ...errorOffer, routed: oneRouted };

export interface Asking { readonly headers: Readonly<Record<string, string | undefined>>; readonly query: URLSearchParams }

interface Clause { readonly type: string; readonly parameters: ReadonlyMap<string, string>; readonly quality: number }

const formats = Object.keys(mediaTypes) as readonly Format[];
const shapes: Readonly<Record<string, Shape>> = { Table: "Table", PartialObjectMetadata: "PartialObjectMetadata", PartialObjectMetadataList: "PartialObjectMetadata" };

const metaVersions: ReadonlySet<string> = new Set(["v1", "v1beta1"]);

/** The first clause of `Accept` that can be served. Throws NotAcceptable. */
export function negotiate({ headers, query }: Asking, offer: Offer): Accepted {
  const accept = headers["accept"] ?? "";
  const clauses = clausesOf(accept);
  if (accept !== "" && offer.routed !== undefined && !clauses.some(isRouted)) throw unroutable(offer.routed);
  const accepted = accept === "" ? { format: "json", pretty: false } as const : firstServed(clauses, offer);
  if (accepted === undefined || (offer.stream && accepted.format === "yaml")) throw notAcceptable(accepted !== undefined);
  return { ...accepted, pretty: accepted.pretty || isPretty(headers, query) };
}

function firstServed(clauses: readonly Clause[], offer: Offer): Accepted | undefined {
  for (const clause of clauses) {
    for (const format of formats) {
      const accepted = matches(clause.type, mediaTypes[format]) ? serve(clause, format, offer) : undefined;
      if (accepted !== undefined) return accepted;
    }
  }
  return undefined;
}

function serve({ parameters }: Clause, format: Format, { shapes: offered, protobuf }: Offer): Accepted | undefined {
  if (format === "yaml" && parameters.get("stream")) return undefined;
  if (!["", "watch"].includes(parameters.get("stream") ?? "") || !["", "v1"].includes(parameters.get("sv") ?? "")) return undefined;
  const pretty = parameters.get("pretty") === "1";
  if (!["as", "g", "v"].some((name) => parameters.has(name))) return protobuf || format !== "protobuf" ? { format, pretty } : undefined;
  const as = parameters.get("as") ?? "";
  const shape = Object.hasOwn(shapes, as) ? shapes[as] : undefined;
  const version = parameters.get("v") ?? "";
  if (shape === undefined || !offered.includes(shape) || parameters.get("g") !== "meta.k8s.io" || !metaVersions.has(version)) return undefined;
  return shape === "Table" && format === "protobuf" ? undefined : { format, pretty, as: { shape, apiVersion: `meta.k8s.io/${version}` } };
}

const matches = (wanted: string, mediaType: string): boolean => wanted === mediaType || wanted === "application/*" || wanted === "*/*";

/** The router knows whole types and the widest wildcard, no `application/*`. Upstream: emicklei/go-restful route.go matchesAccept */
const isRouted = ({ type }: Clause): boolean => type === "*/*" || oneRouted.includes(type);

/** Upstream: emicklei/go-restful curly.go, jsr311.go */
const unroutable = (routed: readonly string[]): StatusError => new StatusError("NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${routed.join(", ")}`, {});

/** @param stream a format was found, but none for streams. Upstream: negotiation NewNotAcceptableError */
function notAcceptable(stream: boolean): StatusError {
  const served = stream ? [mediaTypes.json, mediaTypes.protobuf].map((type) => `${type};stream=watch`) : Object.values(mediaTypes);
  return new StatusError("NotAcceptable", `only the following media types are accepted: ${served.join(", ")}`);
}

const truths: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);

/** People read with curl and browsers. Upstream: negotiation isPrettyPrint */
function isPretty(headers: Asking["headers"], query: URLSearchParams): boolean {
  const wish = query.get("pretty") ?? "";
  return wish === "" ? /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers["user-agent"] ?? "") : truths.has(wish);
}

/** Headers that are remembered, and how long one may be. There are as many as kinds of clients; should there be more, all are read anew. */
const mostKnown = 256;
const longestKnown = 256;
const known = new Map<string, readonly Clause[]>();

/** The clauses of an `Accept` header. A client sends the same one with every request: it is read once. */
export function clausesOf(accept: string): readonly Clause[] {
  if (accept.length > longestKnown) return readClauses(accept);
  let clauses = known.get(accept);
  if (clauses !== undefined) return clauses;
  if (known.size >= mostKnown) known.clear();
  known.set(accept, (clauses = readClauses(accept)));
  return clauses;
}

/** Best quality first, wildcards behind; in the order written where that is the same. Upstream: munnerz/goautoneg ParseAccept */
function readClauses(accept: string): readonly Clause[] {
  const clauses = accept.split(",").map((text): Clause => {
    const [type = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map((part) => [part.split("=", 1)[0] ?? "", part.slice(part.indexOf("=") + 1)] as const));
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.get("q") ?? 1) || 0 };
  });
  return clauses.filter((c) => c.type.includes("/")).sort((a, b) => b.quality - a.quality || stars(a) - stars(b));
}

const stars = ({ type }: Clause): number => type.split("*").length;

/** The `Content-Type` of an answer. */
export const contentTypeOf = (format: Format, stream = false): string => (stream && format !== "json" ? `${mediaTypes[format]};stream=watch` : mediaTypes[format]);
