import { randomInt } from "node:crypto";
import type { Container, Pod, ServiceAccount, Volume } from "#api/gen/core-v1.ts";
import { referencesOf } from "#api/pod-references.ts";
import { isMirrorPod } from "#api/pod.ts";
import { serviceAccounts } from "#api/resources.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { limitsSecrets, unmountable, unmountableLater } from "./mountable-secrets.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const volumePrefix = "kube-api-access-";
const letters = "bcdfghjklmnpqrstvwxz2456789";
/** An hour and a bit: the kubelet renews such a token early, and tells it from one that a user asked for. Upstream: tokenrefresh WarnOnlyBoundTokenExpirationPeriod */
const tokenSeconds = 3607;

/** Every pod has an account, and its containers the account's token. Upstream: plugin/pkg/admission/serviceaccount */
export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  resources: ["pods"],
  async admit(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "", "pods")) return;
    const pod = object as Pod;
    if (isMirrorPod(pod)) return;
    pod.spec.serviceAccountName ||= "default";
    pod.spec.serviceAccount = pod.spec.serviceAccountName;
    const account = await lookUp(attributes, pod.spec.serviceAccountName);
    if (wantsToken(account, pod)) mountToken(pod);
    if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length) pod.spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => (name === undefined ? {} : { name }));
  },
  async validate(attributes, object) {
    const [created, debugged] = [attributes.operation === "CREATE" && concerns(attributes, "", "pods"), attributes.operation === "UPDATE" && concerns(attributes, "", "pods", "ephemeralcontainers")];
    if (!created && !debugged) return;
    const pod = object as Pod;
    if (isMirrorPod(pod)) return refuseReferences(attributes, pod);
    const account = await lookUp(attributes, pod.spec.serviceAccountName || "default");
    const problem = !limitsSecrets(account) ? undefined : created ? unmountable(account, pod.spec) : unmountableLater(account, pod.spec);
    if (problem !== undefined) throw refused(attributes, problem);
  },
};

async function lookUp(attributes: AdmissionAttributes, name: string): Promise<ServiceAccount> {
  const { namespace, reader } = attributes;
  const account = await reader.get(serviceAccounts, name, namespace);
  if (account === undefined) throw refused(attributes, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
  return account;
}

const wantsToken = (account: ServiceAccount, { spec }: Pod): boolean => spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;

function mountToken(pod: Pod): void {
  const volumes = pod.spec.volumes ?? [];
  const name = volumes.find((volume) => volume.name.startsWith(volumePrefix))?.name ?? volumePrefix + Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");
  let used = false;
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) if (mountInto(container, name)) used = true;
  if (used && !volumes.some((volume) => volume.name === name)) pod.spec.volumes = [...volumes, tokenVolume(name)];
}

function mountInto(container: Container, name: string): boolean {
  const mounts = container.volumeMounts ?? [];
  if (mounts.some((mount) => mount.mountPath === mountPath)) return false;
  container.volumeMounts = [...mounts, { name, readOnly: true, mountPath }];
  return true;
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: tokenSeconds, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
    ],
    defaultMode: 0o644,
  },
});

/** What a kubelet makes of its own files may not reach into the API. */
function refuseReferences(attributes: AdmissionAttributes, pod: Pod): void {
  const { serviceAccountName, volumes = [] } = pod.spec;
  if (serviceAccountName) throw refused(attributes, "a mirror pod may not reference service accounts");
  if (referencesOf(pod).secrets.size > 0) throw refused(attributes, "a mirror pod may not reference secrets");
  if (volumes.some((v) => v.projected?.sources?.some((s) => s.serviceAccountToken !== undefined))) {
    throw refused(attributes, "a mirror pod may not use ServiceAccountToken volume projections");
  }
}
