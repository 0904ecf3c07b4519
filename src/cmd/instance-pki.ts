import { join } from "node:path";
import { nthAddress } from "#cni/addresses.ts";
import type { KeyPair } from "#base/pki.ts";
import { ensureCa, ensureCertificate, ensureSigningKey, writePrivate } from "#base/pki-files.ts";
import { kubeconfigText } from "#client/kubeconfig.ts";
import type { Instance } from "./instance.ts";

/** Keys and certificates of the control plane. */
export interface ServerPki {
  readonly ca: KeyPair;
  /** Signs the certificates of front proxies, and nothing else. */
  readonly frontProxyCa: KeyPair;
  readonly server: KeyPair;
  /** With it the API server proves itself to kubelets. */
  readonly kubeletClient: KeyPair;
  /** Signs service account tokens: an RSA private key, PEM. */
  readonly serviceAccountKey: string;
}

/** Of one node: its identity towards the API server, and what its kubelet serves with. */
export interface NodePki { readonly ca: string; readonly serving: KeyPair; readonly kubeconfig: string; /** Of the node's volume provisioner, which is not the kubelet. */ readonly provisionerKubeconfig: string }

const days = 365;

/** Everything that the server needs, and the administrator's kubeconfig; what is there and good is kept. @param addresses at which the API server is reached, beside loopback and its Service */
export function ensureServerPki(instance: Instance, addresses: readonly string[], now: number): ServerPki {
  const { pkiDir } = instance;
  const ca = ensureCa(pkiDir, "ca", `seedpod-${instance.name}`, now);
  const admin = ensureCertificate(pkiDir, "admin", ca, { commonName: "kubernetes-admin", organizations: ["system:masters"], usages: ["client"], days }, now);
  writePrivate(instance.kubeconfig, kubeconfig(instance, ca.cert, "kubernetes-admin", admin));
  return {
    ca,
    frontProxyCa: ensureCa(pkiDir, "front-proxy-ca", `seedpod-${instance.name}-front-proxy`, now),
    server: ensureCertificate(pkiDir, "server", ca, {
      commonName: "kube-apiserver", usages: ["server"], days,
      dns: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"],
      ips: [...new Set(["127.0.0.1", "::1", nthAddress(instance.serviceCidr, 1), ...addresses])],
    }, now),
    kubeletClient: ensureCertificate(pkiDir, "kubelet-client", ca, { commonName: "kube-apiserver-kubelet-client", organizations: ["system:masters"], usages: ["client"], days }, now),
    serviceAccountKey: ensureSigningKey(pkiDir, "sa"),
  };
}

/** The node's certificates, signed by the instance's CA, and `agent/kubeconfig`. */
export function ensureNodePki(instance: Instance, nodeAddress: string, now: number): NodePki {
  const ca = ensureCa(instance.pkiDir, "ca", `seedpod-${instance.name}`, now);
  const dir = join(instance.agentDir, "pki");
  const client = ensureCertificate(dir, "node", ca, { commonName: `system:node:${instance.nodeName}`, organizations: ["system:nodes"], usages: ["client"], days }, now);
  const serving = ensureCertificate(dir, "kubelet", ca, { commonName: instance.nodeName, dns: [instance.nodeName, "localhost"], ips: [...new Set(["127.0.0.1", nodeAddress])], usages: ["server"], days }, now);
  const provisioner = ensureCertificate(dir, "provisioner", ca, { commonName: `seedpod:local-path-provisioner:${instance.nodeName}`, organizations: ["seedpod:local-path-provisioners"], usages: ["client"], days }, now);
  const path = join(instance.agentDir, "kubeconfig");
  const provisionerKubeconfig = join(instance.agentDir, "provisioner.kubeconfig");
  writePrivate(path, kubeconfig(instance, ca.cert, `system:node:${instance.nodeName}`, client));
  writePrivate(provisionerKubeconfig, kubeconfig(instance, ca.cert, `seedpod:local-path-provisioner:${instance.nodeName}`, provisioner));
  return { ca: ca.cert, serving, kubeconfig: path, provisionerKubeconfig };
}

function kubeconfig(instance: Instance, ca: string, user: string, pair: KeyPair): string {
  const host = instance.bindAddress === "0.0.0.0" || instance.bindAddress === "::" ? "127.0.0.1" : instance.bindAddress;
  return kubeconfigText({
    name: instance.name === "default" ? "seedpod" : `seedpod-${instance.name}`, user, ca, ...pair,
    server: `https://${host.includes(":") ? `[${host}]` : host}:${instance.port}`,
  });
}
