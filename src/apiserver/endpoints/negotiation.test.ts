import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isStatus } from "#apimachinery/status.ts";
import { errorOffer, negotiate, oneRouted, plainOffer, type Accepted, type Offer } from "./negotiation.ts";

const resource: Offer = { shapes: ["Table", "PartialObjectMetadata"], protobuf: true, stream: false };
const custom: Offer = { ...resource, protobuf: false };
const builtIn: Offer = { ...resource, routed: oneRouted };
const watch: Offer = { ...resource, stream: true };

const ask = (accept: string | undefined, offer: Offer, { agent, query = "" }: { agent?: string; query?: string } = {}): Accepted | string => {
  try {
    return negotiate({ headers: { accept, "user-agent": agent }, query: new URLSearchParams(query) }, offer);
  } catch (err) {
    assert(isStatus(err, "NotAcceptable"));
    return err.message;
  }
};
const json = { format: "json", pretty: false } as const;
const proto = "application/vnd.kubernetes.protobuf";
const asTable = "as=Table;v=v1;g=meta.k8s.io";
const table = { shape: "Table", apiVersion: "meta.k8s.io/v1" } as const;
const partial = { shape: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" } as const;
const refused = "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf";
const unrouted = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf";
const refusedStream = "only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

const cases: readonly [accept: string | undefined, offer: Offer, expected: Accepted | string][] = [
  [undefined, resource, json],
  ["", resource, json],
  ["*/*", resource, json],
  ["application/*", resource, json],
  ["application/json", resource, json],
  ["Application/JSON", resource, json],
  ["application/yaml", resource, { ...json, format: "yaml" }],
  [proto, resource, { ...json, format: "protobuf" }],
  [`${proto}, */*`, resource, { ...json, format: "protobuf" }],
  [`*/*, ${proto}`, resource, { ...json, format: "protobuf" }],
  [`${proto};q=0.5, application/json`, resource, json],
  ["application/json;q=0.1,application/yaml;q=0.2", resource, { ...json, format: "yaml" }],
  ["text/html, application/json;q=0.9", resource, json],
  ["application/json;pretty=1", resource, { ...json, pretty: true }],
  ["application/cbor", resource, refused],
  ["text/html", resource, refused],
  ["nonsense", resource, refused],
  // shapes
  [`application/json;${asTable}`, resource, { ...json, as: table }],
  ["application/json;as=Table;v=v1beta1;g=meta.k8s.io", resource, { ...json, as: { ...table, apiVersion: "meta.k8s.io/v1beta1" } }],
  [`application/yaml;${asTable}`, resource, { ...json, format: "yaml", as: table }],
  [`${proto};${asTable}`, resource, refused],
  [`${proto};${asTable},application/json;${asTable}`, resource, { ...json, as: table }],
  [`application/json;${asTable},application/json`, plainOffer, json],
  [`application/json;${asTable}`, plainOffer, refused],
  ["application/json;as=Table;v=v2;g=meta.k8s.io,application/json", resource, json],
  ["application/json;as=Chair;v=v1;g=meta.k8s.io", resource, refused],
  ["application/json;as=constructor;v=v1;g=meta.k8s.io", resource, refused],
  ["application/json;g=meta.k8s.io;v=v1", resource, refused],
  [`${proto};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io`, resource, { ...json, format: "protobuf", as: partial }],
  // custom resources have no messages, their metadata has
  [proto, custom, refused],
  [`${proto}, application/json`, custom, json],
  [`${proto};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`, custom, { ...json, format: "protobuf", as: partial }],
  // the router before
  ["*/*", builtIn, json],
  ["text/html, application/json", builtIn, json],
  ["application/*", builtIn, unrouted],
  ["text/html", builtIn, unrouted],
  ["application/*, application/yaml;q=0.5", builtIn, json],
  ["application/*", plainOffer, unrouted],
  ["application/*", errorOffer, json],
  // streams
  [`${proto};stream=watch`, watch, { ...json, format: "protobuf" }],
  ["application/json;stream=watch", watch, json],
  ["application/json;stream=other", watch, refused],
  ["application/yaml", watch, refusedStream],
  ["application/yaml;stream=watch", watch, refused],
];

describe("Accept", () => {
  for (const [accept, offer, expected] of cases) {
    test(`${accept ?? "(none)"} of ${offer === plainOffer ? "a plain answer" : offer === errorOffer ? "an error" : offer === builtIn ? "a built-in resource" : offer === custom ? "a custom resource" : offer === watch ? "a watch" : "a resource"}`, () => assert.deepEqual(ask(accept, offer), expected));
  }
});

describe("line breaks for people", () => {
  const pretty: readonly [agent: string | undefined, query: string, expected: boolean][] = [
    [undefined, "", false], ["kubectl/v1.36.0", "", false], ["curl/8.0", "", true], ["Wget/1.21", "", true], ["Mozilla/5.0 (X11)", "", true],
    ["curl/8.0", "pretty=0", false], ["kubectl", "pretty=1", true], ["kubectl", "pretty=true", true], ["curl/8.0", "pretty=maybe", false],
  ];
  for (const [agent, query, expected] of pretty) {
    test(`${agent ?? "no agent"} ${query}`, () => assert.deepEqual(ask("application/json", resource, { ...(agent !== undefined && { agent }), query }), { ...json, pretty: expected }));
  }
});
