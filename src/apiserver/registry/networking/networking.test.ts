import assert from "node:assert/strict";
import { test } from "node:test";
import { cells, changeRefusals, objectOf, refusals } from "../fixture.ts";
import { ingressClasses } from "./ingress-class.ts";
import { ingresses } from "./ingress.ts";
import { ipAddresses } from "./ip-address.ts";
import { networkPolicies } from "./network-policy.ts";
import { serviceCidrs } from "./service-cidr.ts";

type Case = readonly [name: string, spec: object, want: readonly string[]];
const service = { service: { name: "web", port: { number: 80 } } };
const pathOf = (path: object): object => ({ rules: [{ host: "a.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend: service, ...path }] } }] });
const at = "spec.rules[0].http.paths[0]";

// Upstream: pkg/apis/networking/validation ValidateIngressSpec
const ingressCases: readonly Case[] = [
  ["a default backend", { defaultBackend: service }, []],
  ["a path", pathOf({}), []],
  ["nothing", {}, ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]],
  ["no type of path", pathOf({ pathType: undefined }), [`${at}.pathType: Required value: pathType must be specified`]],
  ["another type of path", pathOf({ pathType: "Glob" }), [`${at}.pathType: Unsupported value: "Glob": supported values: "Exact", "ImplementationSpecific", "Prefix"`]],
  ["a relative path", pathOf({ path: "a" }), [`${at}.path: Invalid value: "a": must be an absolute path`]],
  ["a path that climbs", pathOf({ path: "/a/../b//c/.." }), [
    `${at}.path: Invalid value: "/a/../b//c/..": must not contain '//'`, `${at}.path: Invalid value: "/a/../b//c/..": must not contain '/../'`, `${at}.path: Invalid value: "/a/../b//c/..": cannot end with '/..'`,
  ]],
  ["an empty path that its controller understands", pathOf({ path: "", pathType: "ImplementationSpecific" }), []],
  ["no backend", pathOf({ backend: {} }), [`${at}.backend: Invalid value: "": resource or service backend is required`]],
  ["two backends", { defaultBackend: { ...service, resource: { kind: "A", name: "b" } } }, ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends']],
  ["no port", { defaultBackend: { service: { name: "web" } } }, ["spec.defaultBackend: Required value: port name or number is required"]],
  ["two ports", { defaultBackend: { service: { name: "web", port: { name: "http", number: 80 } } } }, ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number']],
  ["an address as host", { rules: [{ host: "1.2.3.4" }] }, ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address']],
  ["a host of many", { rules: [{ host: "*.example.com" }], tls: [{ hosts: ["*.example.com"], secretName: "s" }] }, []],
];
for (const [name, spec, want] of ingressCases) test(`an Ingress with ${name}`, () => assert.deepEqual(refusals(ingresses, { spec }), want));

test("an Ingress whose annotation names another class is refused, and warned of the annotation", () => {
  const content = { metadata: { annotations: { "kubernetes.io/ingress.class": "a" } }, spec: { ingressClassName: "b", defaultBackend: service } };
  assert.deepEqual(refusals(ingresses, content), ['annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified']);
  assert.deepEqual(ingresses.warnings?.(objectOf(ingresses, content)), [`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`]);
});

test("an Ingress shows its hosts and addresses", () => {
  const spec = { ingressClassName: "nginx", rules: ["a", "b", "c", "d", "a"].map((host) => ({ host })), tls: [{}] };
  const status = { loadBalancer: { ingress: [{ ip: "10.0.0.2" }, { hostname: "a.b" }, { ip: "10.0.0.1" }] } };
  assert.deepEqual(cells(ingresses, { spec, status }), ["x", "nginx", "a,b,c + 1 more...", "10.0.0.1,10.0.0.2,a.b", "80, 443", "<unknown>"]);
  assert.deepEqual(cells(ingresses, { spec: { defaultBackend: service } }), ["x", "<none>", "*", "", "80", "<unknown>"]);
});

// Upstream: pkg/apis/networking/validation ValidateIngressClass
const classCases: readonly Case[] = [
  ["a controller", { controller: "acme.io/foo" }, []],
  ["no controller", {}, ["spec.controller: Required value"]],
  ["a controller without a path", { controller: "acme.io" }, ['spec.controller: Invalid value: "acme.io": must be a domain-prefixed path (such as "acme.io/foo")']],
  ["parameters anywhere", { controller: "acme.io/foo", parameters: { kind: "Params", name: "p", scope: "World" } }, ['spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"']],
  ["parameters in no namespace", { controller: "acme.io/foo", parameters: { kind: "Params", name: "p", scope: "Namespace" } }, ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"]],
  ["parameters of the cluster in a namespace", { controller: "acme.io/foo", parameters: { kind: "", name: "p", namespace: "a" } }, [
    "spec.parameters.kind: Required value", "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
  ]],
];
for (const [name, spec, want] of classCases) test(`an IngressClass with ${name}`, () => assert.deepEqual(refusals(ingressClasses, { spec }), want));

test("an IngressClass keeps its controller and shows its parameters", () => {
  assert.deepEqual(changeRefusals(ingressClasses, { spec: { controller: "a.io/b" } }, { spec: { controller: "a.io/c" } }), ['spec.controller: Invalid value: "a.io/c": field is immutable']);
  assert.deepEqual(cells(ingressClasses, { spec: { controller: "a.io/b", parameters: { apiGroup: "k.io", kind: "P", name: "p" } } }), ["x", "a.io/b", "P.k.io/p", "<unknown>"]);
});

const ruleOf = (rule: object): object => ({ ingress: [rule] });
// Upstream: pkg/apis/networking/validation ValidateNetworkPolicySpec
const policyCases: readonly Case[] = [
  ["nothing", {}, []],
  ["a range of ports", ruleOf({ ports: [{ port: 80, endPort: 90 }] }), []],
  ["a range that ends before it begins", ruleOf({ ports: [{ port: 80, endPort: 70 }] }), ["spec.ingress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`"]],
  ["a range after a name", ruleOf({ ports: [{ port: "http", endPort: 70 }] }), ["spec.ingress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is non-numeric"]],
  ["a range without a beginning", ruleOf({ ports: [{ endPort: 70 }] }), ["spec.ingress[0].ports[0].endPort: Invalid value: 70: may not be specified when `port` is not specified"]],
  ["an unknown protocol", ruleOf({ ports: [{ protocol: "ICMP" }] }), ['spec.ingress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"']],
  ["nobody", ruleOf({ from: [{}] }), ["spec.ingress[0].from[0]: Required value: must specify a peer"]],
  ["a block and a selector", { egress: [{ to: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }] }, ["spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer"]],
  ["exceptions outside", ruleOf({ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16", "11.0.0.0/16", "10.0.0.0/8", "fd00::/64"] } }] }), [
    ...["11.0.0.0/16", "10.0.0.0/8", "fd00::/64"].map((text, i) => `spec.ingress[0].from[0].ipBlock.except[${i + 1}]: Invalid value: "${text}": must be a strict subset of \`cidr\``),
  ]],
  ["no block", ruleOf({ from: [{ ipBlock: { cidr: "x" } }] }), ['spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
  ["another type", { policyTypes: ["Both"] }, ['spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress"']],
];
for (const [name, spec, want] of policyCases) test(`a NetworkPolicy with ${name}`, () => assert.deepEqual(refusals(networkPolicies, { spec }), want));

test("a NetworkPolicy is about what comes in, and about what goes out when it has rules for that", () => {
  assert.deepEqual(objectOf(networkPolicies, {}).spec.policyTypes, ["Ingress"]);
  assert.deepEqual(objectOf(networkPolicies, { spec: { egress: [{ ports: [{ port: 1 }] }] } }).spec, { podSelector: {}, egress: [{ ports: [{ port: 1, protocol: "TCP" }] }], policyTypes: ["Ingress", "Egress"] });
  assert.deepEqual(cells(networkPolicies, { spec: { podSelector: { matchLabels: { app: "db" } } } }), ["x", "app=db", "<unknown>"]);
});

// Upstream: pkg/apis/networking/validation ValidateServiceCIDR
const cidrCases: readonly Case[] = [
  ["two families", { cidrs: ["10.0.0.0/16", "fd00::/64"] }, []],
  ["nothing", {}, ["spec.cidrs: Required value: at least one CIDR required"]],
  ["one family twice", { cidrs: ["10.0.0.0/16", "10.1.0.0/16"] }, ['spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64']],
  ["an address in a range", { cidrs: ["10.0.0.1/16"] }, ['spec.cidrs[0]: Invalid value: "10.0.0.1/16": must not have bits set beyond the prefix length']],
  ["another way of writing", { cidrs: ["FD00::/64"] }, ['spec.cidrs[0]: Invalid value: "FD00::/64": must be in canonical form ("fd00::/64")']],
];
for (const [name, spec, want] of cidrCases) test(`a ServiceCIDR with ${name}`, () => assert.deepEqual(refusals(serviceCidrs, { spec }), want));

test("a ServiceCIDR may be joined by another family, and keeps what it has", () => {
  const old = { spec: { cidrs: ["10.0.0.0/16"] } };
  assert.deepEqual(changeRefusals(serviceCidrs, old, { spec: { cidrs: ["10.0.0.0/16", "fd00::/64"] } }), []);
  assert.deepEqual(changeRefusals(serviceCidrs, old, { spec: { cidrs: ["10.1.0.0/16"] } }), ['spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable']);
  assert.deepEqual(cells(serviceCidrs, old), ["x", "10.0.0.0/16", "<unknown>"]);
});

test("an IPAddress is named by an address in canonical form, and has a parent", () => {
  const named = (name: string): readonly string[] => ipAddresses.validateName?.(name, false) ?? [];
  assert.deepEqual(["10.0.0.1", "fd00::1", "x", "fd00:0::1", "::ffff:1.2.3.4"].map(named), [
    [], [], ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"], ['must be in canonical form ("fd00::1")'], ["must not be an IPv4-mapped IPv6 address"],
  ]);
  assert.deepEqual(refusals(ipAddresses, {}), ["spec.parentRef: Required value"]);
  assert.deepEqual(refusals(ipAddresses, { spec: { parentRef: { namespace: "a/b" } } }), ["spec.parentRef.resource: Required value", "spec.parentRef.name: Required value", `spec.parentRef.namespace: Invalid value: "a/b": may not contain '/'`]);
  assert.deepEqual(cells(ipAddresses, { spec: { parentRef: { resource: "services", namespace: "default", name: "web" } } }), ["x", "services/default/web", "<unknown>"]);
});
