import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Container, Pod, Service } from "#api/gen/core-v1.ts";
import { systemClock, type Clock } from "#base/clock.ts";
import { Backoff } from "./backoff.ts";
import { parseResolver, podDns } from "./dns.ts";
import { hostNameOf, podHosts } from "./etc-hosts.ts";
import { registryOf, withTag } from "./image-reference.ts";
import { cpuQuotaUs, cpuShares, oomScoreAdj, podAmount, qosOf } from "./resources.ts";
import { containerSecurity } from "./security-context.ts";
import { serviceEnv } from "./service-env.ts";
import { statusPatch } from "./status-patch.ts";
import { tailOf } from "./termination-message.ts";

const pod = (spec: Partial<Pod["spec"]> = {}, metadata: Partial<Pod["metadata"]> = {}): Pod => ({
  metadata: { name: "p", namespace: "ns", uid: "u", ...metadata },
  spec: { containers: [], ...spec },
  status: {},
});
const container = (more: Partial<Container> = {}): Container => ({ name: "c", ...more });
const resources = (requests: Record<string, string>, limits: Record<string, string>): Container => container({ resources: { requests, limits } });

test("back-off doubles from 10 s to 5 min and is forgotten after 10 min of quiet", () => {
  let now = 1_000_000;
  const clock: Clock = { ...systemClock, now: () => now };
  const backoff = new Backoff(clock);
  const waits: number[] = [];
  for (let i = 0; i < 7; i++) {
    backoff.next("k", now);
    waits.push(backoff.waitMs("k"));
    assert.equal(backoff.blockedUntil("k", now), now + backoff.waitMs("k"));
    now += backoff.waitMs("k");
    assert.equal(backoff.blockedUntil("k", now - backoff.waitMs("k")), undefined);
  }
  assert.deepEqual(waits, [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  now += 700_000;
  backoff.next("k", now);
  assert.equal(backoff.waitMs("k"), 10_000);
});

test("a longest back-off below 10 s is the first one, too", () => {
  const backoff = new Backoff({ ...systemClock, now: () => 0 }, 1_000);
  for (let i = 0; i < 2; i++) {
    backoff.next("k", 0);
    assert.equal(backoff.waitMs("k"), 1_000);
  }
});

describe("image names", () => {
  const cases = [
    ["nginx", "nginx:latest"],
    ["nginx:1.25", "nginx:1.25"],
    ["localhost:5000/a/b", "localhost:5000/a/b:latest"],
    ["docker.io/library/busybox:1", "docker.io/library/busybox:1"],
    [`a@sha256:${"0".repeat(64)}`, `a@sha256:${"0".repeat(64)}`],
    ["Upper", undefined],
    ["a b", undefined],
    ["", undefined],
    ["-x", undefined],
    ["a:", undefined],
    ["invalid.com/@x", undefined],
  ] as const;
  for (const [name, want] of cases) test(`${name} → ${want}`, () => assert.equal(withTag(name), want));
  test("the registry of a bare name is Docker's", () =>
    assert.deepEqual(["nginx", "a/b", "docker.io/a", "localhost:5000/a", "gcr.io/a/b"].map(registryOf), [
      "index.docker.io",
      "index.docker.io",
      "index.docker.io",
      "localhost:5000",
      "gcr.io",
    ]));
});

describe("resources", () => {
  test("CPU in shares and quota", () =>
    assert.deepEqual(
      [cpuShares(0), cpuShares(100), cpuShares(1_000), cpuQuotaUs(0), cpuQuotaUs(5), cpuQuotaUs(500)],
      [2, 102, 1_024, 0, 1_000, 50_000],
    ));
  const guaranteed = resources({ cpu: "1", memory: "1Gi" }, { cpu: "1", memory: "1Gi" });
  const burstable = resources({ memory: "1Gi" }, {});
  test("quality of service", () =>
    assert.deepEqual(
      [
        qosOf(pod({ containers: [guaranteed] })),
        qosOf(pod({ containers: [burstable] })),
        qosOf(pod({ containers: [container()] })),
        qosOf(pod({ containers: [guaranteed, container()] })),
      ],
      ["Guaranteed", "Burstable", "BestEffort", "Burstable"],
    ));
  const gib = 2 ** 30;
  test("who dies first", () =>
    assert.deepEqual(
      [
        oomScoreAdj(pod({ containers: [guaranteed] }), guaranteed, 4 * gib),
        oomScoreAdj(pod({ containers: [burstable] }), burstable, 4 * gib),
        oomScoreAdj(pod({ containers: [container()] }), container(), gib),
      ],
      [-997, 750, 1_000],
    ));
  test("init containers run one at a time, sidecars beside the rest", () => {
    const cpu = (name: string, amount: string, more: Partial<Container> = {}): Container => ({
      name,
      resources: { requests: { cpu: amount } },
      ...more,
    });
    const asked = pod({
      initContainers: [cpu("i", "1"), cpu("s", "300m", { restartPolicy: "Always" }), cpu("j", "500m")],
      containers: [cpu("a", "200m"), cpu("b", "300m")],
    });
    assert.equal(podAmount(asked, "requests", "cpu"), 1_000);
    assert.equal(
      podAmount({ ...asked, spec: { ...asked.spec, initContainers: asked.spec.initContainers?.slice(1) ?? [] } }, "requests", "cpu"),
      800,
    );
  });
});

describe("names of hosts", () => {
  test("the pod's own name, cut to what a host name may be", () =>
    assert.deepEqual(hostNameOf(pod({}, { name: `${"a".repeat(62)}-b` }), "cluster.local", "n"), { hostname: "a".repeat(62), domain: "" }));
  test("a subdomain lies in its namespace", () =>
    assert.deepEqual(hostNameOf(pod({ hostname: "h", subdomain: "s" }), "cluster.local", "n"), { hostname: "h", domain: "s.ns.svc.cluster.local" }));
  test("the hosts file names both", () =>
    assert.match(
      podHosts(["10.0.0.2"], { hostname: "h", domain: "s.ns.svc.cluster.local" }, undefined),
      /^# Kubernetes-managed hosts file\.\n[^]*10\.0\.0\.2\th\.s\.ns\.svc\.cluster\.local\th\n$/,
    ));
});

describe("resolvers", () => {
  const host = parseResolver("# c\nnameserver 192.0.2.53\nsearch example.org corp\noptions ndots:2 timeout:1\n");
  const facts = { clusterDns: ["10.43.0.10"], clusterDomain: "cluster.local", host };
  const cluster = {
    servers: ["10.43.0.10"],
    searches: ["ns.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.org", "corp"],
    options: ["ndots:5"],
  };
  test("ClusterFirst asks the cluster, then the node's domains", () => assert.deepEqual(podDns(pod(), facts), cluster));
  test("in the host's network ClusterFirst is Default", () => assert.deepEqual(podDns(pod({ hostNetwork: true }), facts), host));
  test("ClusterFirstWithHostNet asks the cluster", () =>
    assert.deepEqual(podDns(pod({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }), facts), cluster));
  test("None is only what the pod says", () =>
    assert.deepEqual(
      podDns(
        pod({
          dnsPolicy: "None",
          dnsConfig: { nameservers: ["1.1.1.1"], searches: ["x"], options: [{ name: "ndots", value: "1" }, { name: "edns0" }] },
        }),
        facts,
      ),
      { servers: ["1.1.1.1"], searches: ["x"], options: ["ndots:1", "edns0"] },
    ));
  test("the pod's options win", () =>
    assert.deepEqual(podDns(pod({ dnsConfig: { options: [{ name: "ndots", value: "1" }] } }), facts).options, ["ndots:1"]));
});

test("service variables: links, own namespace, and the API server's", () => {
  const service = (namespace: string, name: string, clusterIP: string): Service => ({
    metadata: { namespace, name },
    spec: { clusterIP, ports: [{ name: "http", port: 80 }] },
    status: {},
  });
  const services = [
    service("default", "kubernetes", "10.43.0.1"),
    service("ns", "my-web", "10.43.0.2"),
    service("other", "x", "10.43.0.3"),
    service("ns", "headless", "None"),
  ];
  const env = serviceEnv(pod(), services);
  assert.deepEqual(
    [...env.keys()].filter((name) => !name.startsWith("KUBERNETES")),
    [
      "MY_WEB_SERVICE_HOST",
      "MY_WEB_SERVICE_PORT",
      "MY_WEB_SERVICE_PORT_HTTP",
      "MY_WEB_PORT",
      "MY_WEB_PORT_80_TCP",
      "MY_WEB_PORT_80_TCP_PROTO",
      "MY_WEB_PORT_80_TCP_PORT",
      "MY_WEB_PORT_80_TCP_ADDR",
    ],
  );
  assert.equal(env.get("MY_WEB_PORT"), "tcp://10.43.0.2:80");
  assert.deepEqual(
    [...serviceEnv(pod({ enableServiceLinks: false }), services).keys()].every((name) => name.startsWith("KUBERNETES")),
    true,
  );
});

describe("users", () => {
  const security = (
    context: NonNullable<Container["securityContext"]>,
    image: { uid?: { value: string }; username?: string },
    spec: Partial<Pod["spec"]> = {},
  ) => containerSecurity(pod(spec), container({ securityContext: context }), { image, seccompDir: "/s" });
  test("the container's user wins over the pod's, that over the image's", () => {
    assert.deepEqual(security({ runAsUser: 1 }, { uid: { value: "3" } }, { securityContext: { runAsUser: 2 } }).runAsUser, { value: "1" });
    assert.deepEqual(security({}, { uid: { value: "3" } }, { securityContext: { runAsUser: 2 } }).runAsUser, { value: "2" });
    assert.deepEqual(security({}, { uid: { value: "3" } }).runAsUser, { value: "3" });
    assert.equal(security({}, { username: "www" }).runAsUsername, "www");
  });
  const where = '\\(pod: "p_ns\\(u\\)", container: c\\)';
  const refused = [
    [{ runAsNonRoot: true, runAsUser: 0 }, {}, `container's runAsUser breaks non-root policy ${where}`],
    [{ runAsNonRoot: true }, { uid: { value: "0" } }, `container has runAsNonRoot and image will run as root ${where}`],
    [
      { runAsNonRoot: true },
      { username: "www" },
      `container has runAsNonRoot and image has non-numeric user \\(www\\), cannot verify user is non-root ${where}`,
    ],
    [{ runAsNonRoot: true }, { uid: { value: "4294967296" } }, `container's user 4294967296 is not a valid user id ${where}`],
    [{ seccompProfile: { type: "Localhost", localhostProfile: "" } }, {}, "localhostProfile must be set"],
  ] as const;
  for (const [context, image, message] of refused)
    test(`refused: ${message.slice(0, 60)}`, () => assert.throws(() => security(context, image), new RegExp(message)));
  test("a Localhost profile stays beneath its directory", () =>
    assert.equal(
      security({ seccompProfile: { type: "Localhost", localhostProfile: "../../etc/passwd" } }, {}).seccomp?.localhostRef,
      "/s/etc/passwd",
    ));
  test("no_new_privs and privileged", () =>
    assert.deepEqual([security({ allowPrivilegeEscalation: false }, {}).noNewPrivs, security({ privileged: true }, {}).maskedPaths], [true, []]));
});

describe("the status patch", () => {
  test("is nothing when nothing changed, whatever the order of conditions", () => {
    const [a, b] = [
      { type: "A", status: "True" },
      { type: "B", status: "True" },
    ];
    assert.equal(
      statusPatch("u", { phase: "Running", conditions: [a, b], nominatedNodeName: "n" }, { phase: "Running", conditions: [b, a] }),
      undefined,
    );
  });
  test("takes away what is no more, and names the uid", () => {
    const patch = statusPatch(
      "u",
      { phase: "Pending", reason: "X", podIPs: [{ ip: "1" }], conditions: [{ type: "A", status: "False", reason: "R" }] },
      { phase: "Running", podIPs: [{ ip: "2" }], conditions: [{ type: "A", status: "True" }] },
    );
    assert.deepEqual(patch, {
      metadata: { uid: "u" },
      status: {
        phase: "Running",
        reason: null,
        podIPs: [{ $patch: "replace" }, { ip: "2" }],
        conditions: [{ type: "A", status: "True", reason: null }],
      },
    });
  });
});

test("a termination message out of a log is its text, at most 2 KiB of 80 lines", () => {
  assert.equal(tailOf("2024 stdout F one\n2024 stderr P tw\n2024 stderr F o\n", false), "one\ntwo\n");
  const many = Array.from({ length: 100 }, (_, i) => `t stdout F line ${i}`).join("\n");
  assert.equal(tailOf(`${many}\n`, false).split("\n")[0], "line 20");
  assert.equal(tailOf(`t stdout F ${"x".repeat(5_000)}\n`, false).length, 2_048);
});
