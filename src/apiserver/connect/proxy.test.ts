import assert from "node:assert/strict";
import { test } from "node:test";
import { isStatus } from "#apimachinery/status.ts";
import { readerOf } from "../admission/fixture.ts";
import { proxyTarget } from "./proxy.ts";

const named = (name: string, more: object): object => ({ metadata: { name, namespace: "default" }, ...more });
const pod = (name: string, ip: string): object => named(name, { spec: { containers: [{ name: "c", ports: [{ containerPort: 8080, name: "http" }] }] }, status: { podIP: ip, podIPs: [{ ip }] } });
const address = (ip: string, name: string, namespace = "default"): object => ({ ip, targetRef: { kind: "Pod", namespace, name } });
const only = { addresses: [address("10.42.0.5", "a")], ports: [{ port: 8080 }] };

const reader = readerOf({
  pods: [pod("a", "10.42.0.5"), pod("b", "10.42.0.6"), pod("odd", "127.0.0.1")],
  services: [named("web", { spec: { ports: [{ port: 80 }] } }), named("two", { spec: { ports: [{ port: 80, name: "http" }, { port: 443, name: "tls" }] } })],
  endpoints: [
    named("web", { subsets: [only] }),
    named("two", { subsets: [{ addresses: [address("10.42.0.5", "a")], ports: [{ port: 8080, name: "http" }] }, { addresses: [address("10.42.0.6", "b")], ports: [{ port: 8443, name: "tls" }] }] }),
    named("waits", { subsets: [{ notReadyAddresses: [address("10.42.0.5", "a")], ports: [{ port: 8080 }] }] }),
    named("lies", { subsets: [{ addresses: [{ ip: "10.42.0.5" }, address("10.42.0.9", "a"), address("10.42.0.5", "a", "kube-system"), address("10.42.0.5", "gone")], ports: [{ port: 8080 }] }] }),
    named("half", { subsets: [{ addresses: [{ ip: "10.42.0.7" }, address("10.42.0.6", "b")], ports: [{ port: 8080 }] }] }),
    named("inward", { subsets: [{ addresses: [address("127.0.0.1", "odd")], ports: [{ port: 8080 }] }] }),
  ],
});

async function leadsTo(resource: "pods" | "services", name: string, path = ""): Promise<string> {
  try {
    return (await proxyTarget(reader, { url: `/x${path}?q=1` }, { resource, subresource: "proxy", namespace: "default", name, path })).url.href;
  } catch (err) {
    if (isStatus(err, "NotFound", "BadRequest", "ServiceUnavailable")) return err.message;
    throw err;
  }
}

const cases: readonly [what: string, resource: "pods" | "services", name: string, want: string][] = [
  ["a service whose only port has no name", "services", "web", "http://10.42.0.5:8080/?q=1"],
  ["its port by number", "services", "web:80", "http://10.42.0.5:8080/?q=1"],
  ["a number that it does not have", "services", "web:81", 'no service port 81 found for service "web"'],
  ["ports by name, over either scheme", "services", "https:two:tls", "https://10.42.0.6:8443/?q=1"],
  ["a named port by its number", "services", "two:80", "http://10.42.0.5:8080/?q=1"],
  ["named ports must be named", "services", "two", 'no endpoints available for service "two"'],
  ["a name that it does not have", "services", "http:two:metrics", 'no endpoints available for service "http:two:metrics"'],
  ["pods that are not ready", "services", "waits", 'no endpoints available for service "waits"'],
  ["addresses of no pod of this namespace", "services", "lies", 'no endpoints available for service "lies"'],
  ["one pod's address among others", "services", "half", "http://10.42.0.6:8080/?q=1"],
  ["a pod that says to be here", "services", "inward", "address not allowed"],
  ["no such service", "services", "none", 'services "none" not found'],
  ["no such service, by number", "services", "none:80", 'services "none" not found'],
  ["too many colons", "services", "a:b:c:d", 'invalid service request "a:b:c:d"'],
  ["a pod's first port", "pods", "a", "http://10.42.0.5:8080/?q=1"],
  ["a pod's port by name", "pods", "https:a:http", "https://10.42.0.5:8080/?q=1"],
  ["no such pod", "pods", "c:80", 'pods "c" not found'],
];
for (const [what, resource, name, want] of cases) test(what, async () => assert.equal(await leadsTo(resource, name), want));

test("the path behind it is kept", async () => assert.equal(await leadsTo("services", "web", "/a%2Fb/"), "http://10.42.0.5:8080/a%2Fb/?q=1"));
