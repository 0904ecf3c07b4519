/** The least that makes an object of each kind, by `group/plural`: what stands beside kind, apiVersion and metadata. A kind that is not here needs nothing; `%i` tells two objects apart. */
import { ellipticCsr, someCertificate } from "#base/csr-fixture.ts";

const pod = { containers: [{ name: "c", image: "i" }] };
const selector = { matchLabels: { app: "x" } };
const template = { metadata: { labels: { app: "x" } }, spec: pod };
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
const rules = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }];
const webhook = { name: "a.example.com", clientConfig: { url: "https://example.com" }, sideEffects: "None", admissionReviewVersions: ["v1"], failurePolicy: "Ignore", rules: [{ operations: ["CREATE"], apiGroups: ["none.example.com"], apiVersions: ["v1"], resources: ["things"] }] };
const constraints = { resourceRules: [{ operations: ["CREATE"], apiGroups: ["none.example.com"], apiVersions: ["v1"], resources: ["things"] }] };
const hpa = { maxReplicas: 2, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "x" } };
const now = "2026-01-01T00:00:00.000000Z";

const examples: Readonly<Record<string, object>> = {
  "/endpoints": { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] },
  "/events": { involvedObject: { kind: "Pod", namespace: "default", name: "x" }, reason: "Tested", message: "m", type: "Normal" },
  "/limitranges": { spec: { limits: [{ type: "Container", max: { "example.com/x": "1" } }] } },
  "/persistentvolumeclaims": { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
  "/persistentvolumes": { spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/x" } } },
  "/pods": { spec: pod },
  "/podtemplates": { template },
  "/replicationcontrollers": { spec: { selector: selector.matchLabels, template } },
  "/resourcequotas": { spec: { hard: { "count/things.example.com": "1" } } },
  "/services": { spec: { ports: [{ port: 80 }] } },
  "admissionregistration.k8s.io/mutatingadmissionpolicies": { spec: { reinvocationPolicy: "Never", matchConstraints: constraints, mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{}" } }] } },
  "admissionregistration.k8s.io/mutatingadmissionpolicybindings": { spec: { policyName: "x" } },
  "admissionregistration.k8s.io/mutatingwebhookconfigurations": { webhooks: [webhook] },
  "admissionregistration.k8s.io/validatingadmissionpolicies": { spec: { matchConstraints: constraints, validations: [{ expression: "true" }] } },
  "admissionregistration.k8s.io/validatingadmissionpolicybindings": { spec: { policyName: "x", validationActions: ["Deny"] } },
  "admissionregistration.k8s.io/validatingwebhookconfigurations": { webhooks: [webhook] },
  "apiextensions.k8s.io/customresourcedefinitions": {
    spec: { group: "kinds.example.com", scope: "Namespaced", names: { plural: "thing%is", singular: "thing%i", kind: "Thing%i", listKind: "Thing%iList" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }] },
  },
  "apiregistration.k8s.io/apiservices": { spec: { group: "kind%i.example.com", version: "v1", groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true, service: { namespace: "default", name: "none", port: 443 } } },
  "apps/controllerrevisions": { revision: 1, data: {} },
  "apps/daemonsets": { spec: { selector, template } },
  "apps/deployments": { spec: { selector, template } },
  "apps/replicasets": { spec: { selector, template } },
  "apps/statefulsets": { spec: { selector, template, serviceName: "x" } },
  "autoscaling/horizontalpodautoscalers": { spec: hpa },
  "batch/cronjobs": { spec: { schedule: "@daily", jobTemplate: { spec: { template: { spec: { ...pod, restartPolicy: "Never" } } } } } },
  "batch/jobs": { spec: { template: { spec: { ...pod, restartPolicy: "Never" } } } },
  "certificates.k8s.io/certificatesigningrequests": { spec: { request: Buffer.from(ellipticCsr).toString("base64"), signerName: "example.com/x", usages: ["client auth"] } },
  "certificates.k8s.io/clustertrustbundles": { spec: { trustBundle: someCertificate } },
  "certificates.k8s.io/podcertificaterequests": { spec: { signerName: "example.com/x", podName: "x", podUID: "1", serviceAccountName: "x", serviceAccountUID: "2", nodeName: "x", nodeUID: "3", stubPKCS10Request: ellipticCsr.replace(/-----.*-----|\n/g, "") } },
  "coordination.k8s.io/leases": { spec: {} },
  "discovery.k8s.io/endpointslices": { addressType: "IPv4", endpoints: [] },
  "events.k8s.io/events": { eventTime: now, reportingController: "example.com/x", reportingInstance: "x", action: "Tested", reason: "Tested", type: "Normal", regarding: { kind: "Pod", namespace: "default", name: "x" } },
  "flowcontrol.apiserver.k8s.io/flowschemas": { spec: { priorityLevelConfiguration: { name: "exempt" }, matchingPrecedence: 9999 } },
  "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations": { spec: { type: "Limited", limited: { nominalConcurrencyShares: 1, limitResponse: { type: "Reject" } } } },
  "networking.k8s.io/ingressclasses": { spec: { controller: "example.com/x" } },
  "networking.k8s.io/ingresses": { spec: { defaultBackend: { service: { name: "x", port: { number: 80 } } } } },
  "networking.k8s.io/ipaddresses": { spec: { parentRef: { resource: "services", namespace: "default", name: "x" } } },
  "networking.k8s.io/networkpolicies": { spec: { podSelector: {} } },
  "networking.k8s.io/servicecidrs": { spec: { cidrs: ["10.99.0.0/24"] } },
  "node.k8s.io/runtimeclasses": { handler: "x" },
  "policy/poddisruptionbudgets": { spec: { selector, minAvailable: 1 } },
  "rbac.authorization.k8s.io/clusterrolebindings": { roleRef, subjects: [] },
  "rbac.authorization.k8s.io/clusterroles": { rules },
  "rbac.authorization.k8s.io/rolebindings": { roleRef, subjects: [] },
  "rbac.authorization.k8s.io/roles": { rules },
  "resource.k8s.io/deviceclasses": { spec: {} },
  "resource.k8s.io/resourceclaimtemplates": { spec: { spec: {} } },
  "resource.k8s.io/resourceclaims": { spec: {} },
  "resource.k8s.io/resourceslices": { spec: { driver: "example.com", nodeName: "n", pool: { name: "p", generation: 1, resourceSliceCount: 1 } } },
  "scheduling.k8s.io/priorityclasses": { value: 5 },
  "storage.k8s.io/csidrivers": { spec: {} },
  "storage.k8s.io/csinodes": { spec: { drivers: [] } },
  "storage.k8s.io/csistoragecapacities": { storageClassName: "x" },
  "storage.k8s.io/storageclasses": { provisioner: "example.com/x" },
  "storage.k8s.io/volumeattachments": { spec: { attacher: "example.com", nodeName: "n", source: { persistentVolumeName: "x" } } },
  "storage.k8s.io/volumeattributesclasses": { driverName: "example.com", parameters: { a: "b" } },
};

/** Kinds whose names follow a rule of their own. */
const names: Readonly<Record<string, string>> = {
  "apiextensions.k8s.io/customresourcedefinitions": "thing%is.kinds.example.com",
  "apiregistration.k8s.io/apiservices": "v1.kind%i.example.com",
  "networking.k8s.io/ipaddresses": "10.98.0.%i",
};

export interface Example { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> } }

/** The `i`th object of a kind. */
export function exampleOf({ group, version, kind, names: { plural } }: { readonly group: string; readonly version: string; readonly kind: string; readonly names: { readonly plural: string } }, i: number): Example {
  const key = `${group}/${plural}`;
  const object = { apiVersion: group === "" ? version : `${group}/${version}`, kind, metadata: { name: names[key] ?? "kinds-%i", labels: { kinds: "%i" } }, ...examples[key] };
  return JSON.parse(JSON.stringify(object).replaceAll("%i", String(i))) as Example;
}
