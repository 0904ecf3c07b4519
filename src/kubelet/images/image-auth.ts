/** Credentials for pulling, from a pod's imagePullSecrets. Upstream: pkg/credentialprovider */
import type { Pod, Secret } from "#api/gen/core-v1.ts";
import type { AuthConfig } from "#cri/gen/cri-v1.ts";
import type { EventRecorder } from "#client/events.ts";
import { about, namespaceOf } from "../names.ts";
import { registryOf } from "./image-reference.ts";

interface Entry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

export interface AuthContext {
  readonly objects: { readonly secret: (namespace: string, name: string) => Promise<Secret> };
  readonly events: Pick<EventRecorder, "event">;
}

/** What may be tried for this image, best first; empty: nobody's credentials. A broken secret is passed over, a missing one too, with an event. Upstream: pkg/kubelet/kubelet_pods.go getPullSecretsForPod */
export async function imageAuth(pod: Pod, image: string, { objects, events }: AuthContext): Promise<AuthConfig[]> {
  const names = (pod.spec.imagePullSecrets ?? []).map((s) => s.name ?? "").filter((name) => name !== "");
  const secrets = await Promise.all(names.map((name) => objects.secret(namespaceOf(pod), name).catch(() => undefined)));
  const missing = names.filter((_, i) => secrets[i] === undefined);
  if (missing.length > 0) events.event(about(pod), "Warning", "FailedToRetrieveImagePullSecret", `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`);
  const wanted = `${registryOf(image)}/${image.slice(image.indexOf("/") + 1)}`;
  return secrets
    .flatMap((s) => (s === undefined ? [] : entriesOf(s)))
    .map(([server, entry]) => ({ server: normal(server), entry }))
    .filter(
      ({ server }) =>
        wanted === server || wanted.startsWith(`${server}/`) || (server.startsWith("*.") && registryOf(image).endsWith(server.slice(1))),
    )
    .sort((a, b) => b.server.length - a.server.length)
    .map(({ server, entry }) => authOf(server, entry));
}

function entriesOf({ type, data = {} }: Secret): [string, Entry][] {
  const key = type === "kubernetes.io/dockercfg" ? ".dockercfg" : ".dockerconfigjson";
  try {
    const parsed = JSON.parse(Buffer.from(data[key] ?? "", "base64").toString("utf8")) as Record<string, unknown>;
    return Object.entries((key === ".dockercfg" ? parsed : (parsed["auths"] ?? {})) as Record<string, Entry>);
  } catch {
    return [];
  }
}

const normal = (server: string): string =>
  server
    .replace(/^https?:\/\//, "")
    .replace(/\/(v1|v2)?\/?$/, "")
    .replace(/^docker\.io/, "index.docker.io");

function authOf(serverAddress: string, { username, password, auth, identitytoken, registrytoken }: Entry): AuthConfig {
  const [user, ...rest] = auth === undefined ? [] : Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "").split(":");
  return {
    serverAddress,
    username: username ?? user ?? "",
    password: password ?? rest.join(":"),
    ...(identitytoken !== undefined && { identityToken: identitytoken }),
    ...(registrytoken !== undefined && { registryToken: registrytoken }),
  };
}
