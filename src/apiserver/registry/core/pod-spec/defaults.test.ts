import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, PodTemplateSpec, Volume } from "#api/gen/core-v1.ts";
import { pullPolicyOf } from "./default-container.ts";
import { defaultVolume } from "./default-volume.ts";
import { defaultPod, defaultPodTemplate } from "./defaults.ts";

const podOf = (spec: object): Pod => ({ metadata: { name: "web", namespace: "default" }, spec, status: {} }) as unknown as Pod;
const defaulted = (spec: object): Pod["spec"] => {
  const pod = podOf(structuredClone(spec));
  defaultPod(pod);
  return pod.spec;
};

test("the smallest pod gets what upstream gives it", () => {
  assert.deepEqual(defaulted({ containers: [{ name: "web", image: "nginx" }] }), {
    containers: [{ name: "web", image: "nginx", imagePullPolicy: "Always", terminationMessagePath: "/dev/termination-log", terminationMessagePolicy: "File" }],
    restartPolicy: "Always", dnsPolicy: "ClusterFirst", securityContext: {}, schedulerName: "default-scheduler", terminationGracePeriodSeconds: 30, enableServiceLinks: true,
  });
});

test("a template gets neither service links nor requests from limits", () => {
  const template: PodTemplateSpec = { spec: { containers: [{ name: "a", image: "a:1", resources: { limits: { cpu: "1" } } }] } };
  defaultPodTemplate(template);
  assert.equal(template.spec?.enableServiceLinks, undefined);
  assert.deepEqual(template.spec?.containers[0]?.resources, { limits: { cpu: "1" } });
});

test("a limit without a request becomes the request", () => {
  const { containers } = defaulted({ containers: [{ name: "a", resources: { limits: { cpu: "2", memory: "1Gi" }, requests: { cpu: "1" } } }] });
  assert.deepEqual(containers[0]?.resources?.requests, { cpu: "1", memory: "1Gi" });
});

test("with the host's network a container port is a host port", () => {
  const { containers } = defaulted({ hostNetwork: true, containers: [{ name: "a", ports: [{ containerPort: 80 }] }] });
  assert.deepEqual(containers[0]?.ports, [{ containerPort: 80, protocol: "TCP", hostPort: 80 }]);
});

test("probes get upstream's numbers, and their HTTP request a path and a scheme", () => {
  const { containers } = defaulted({ containers: [{ name: "a", readinessProbe: { httpGet: { port: 80 } }, livenessProbe: { grpc: { port: 5 } } }] });
  assert.deepEqual(containers[0]?.readinessProbe, { httpGet: { port: 80, path: "/", scheme: "HTTP" }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  assert.deepEqual(containers[0]?.livenessProbe?.grpc, { port: 5, service: "" });
});

test("init and ephemeral containers are not forgotten", () => {
  const spec = defaulted({ containers: [], initContainers: [{ name: "i", image: "i:1" }], ephemeralContainers: [{ name: "e", image: "e:1" }] });
  assert.equal(spec.initContainers?.[0]?.imagePullPolicy, "IfNotPresent");
  assert.equal(spec.ephemeralContainers?.[0]?.terminationMessagePolicy, "File");
});

test("the account's old and new name say the same", () => {
  const { serviceAccount, serviceAccountName } = defaulted({ containers: [], serviceAccount: "robot" });
  assert.deepEqual([serviceAccount, serviceAccountName], ["robot", "robot"]);
});

const images: readonly (readonly [image: string, policy: string])[] = [
  ["nginx", "Always"], ["nginx:latest", "Always"], ["nginx:1.27", "IfNotPresent"], ["host:5000/nginx", "Always"], ["host:5000/nginx:1", "IfNotPresent"],
  ["nginx@sha256:abc", "IfNotPresent"], ["nginx:latest@sha256:abc", "Always"],
];
for (const [image, policy] of images) test(`${image} is pulled ${policy}`, () => assert.equal(pullPolicyOf(image), policy));

const volumes: readonly { readonly name: string; readonly have: object; readonly want: object }[] = [
  { name: "a volume of no kind is an emptyDir", have: {}, want: { emptyDir: {} } },
  { name: "a secret's files have mode 0644", have: { secret: { secretName: "s" } }, want: { secret: { secretName: "s", defaultMode: 420 } } },
  { name: "a host path's type is the empty one", have: { hostPath: { path: "/" } }, want: { hostPath: { path: "/", type: "" } } },
  { name: "a projected token lives an hour", have: { projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }, want: { projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 3600 } }], defaultMode: 420 } } },
  { name: "a field reference is of v1", have: { downwardAPI: { items: [{ path: "n", fieldRef: { fieldPath: "metadata.name" } }] } }, want: { downwardAPI: { items: [{ path: "n", fieldRef: { fieldPath: "metadata.name", apiVersion: "v1" } }], defaultMode: 420 } } },
];
for (const { name, have, want } of volumes) test(name, () => {
  const volume = { name: "v", ...structuredClone(have) } as Volume;
  defaultVolume(volume);
  assert.deepEqual(volume, { name: "v", ...want });
});
