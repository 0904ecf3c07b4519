import type { Endpoints, Service } from "#api/gen/core-v1.ts";
import type { EndpointSlice } from "#api/gen/discovery-v1.ts";

/** Where pods reach the API server: the Service's address, and behind it the server's own. */
export interface ApiServerPlace { readonly serviceIP: string; readonly address: string; readonly port: number }

const namespace = "default";
const name = "kubernetes";
const labels = { component: "apiserver", provider: "kubernetes" };

/** Upstream: pkg/controlplane/controller/kubernetesservice/controller.go */
export const serviceOf = ({ serviceIP, port }: ApiServerPlace): Service => ({
  metadata: { name, namespace, labels },
  spec: {
    type: "ClusterIP", clusterIP: serviceIP, clusterIPs: [serviceIP], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", sessionAffinity: "None",
    ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: port }],
  },
  status: {},
});
export const endpointsOf = ({ address, port }: ApiServerPlace): Endpoints => ({
  metadata: { name, namespace, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
  subsets: [{ addresses: [{ ip: address }], ports: [{ name: "https", port, protocol: "TCP" }] }],
});
export const sliceOf = ({ address, port }: ApiServerPlace): EndpointSlice => ({
  metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
  addressType: "IPv4", endpoints: [{ addresses: [address], conditions: { ready: true } }], ports: [{ name: "https", port, protocol: "TCP" }],
});
