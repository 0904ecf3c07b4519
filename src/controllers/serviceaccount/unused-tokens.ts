import type { Pod, Secret } from "#api/gen/core-v1.ts";
import { visitContainers } from "#api/pod.ts";
import { accountNameAnnotation, dayOf, invalidSinceLabel, tokenSecretType, trackingMap } from "#api/legacy-token.ts";
import { configMaps, pods, secrets, serviceAccounts } from "#api/resources.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { knowsEnough, verdictOn } from "./unused-plan.ts";

/** Upstream: LegacySATokenCleanerOptions SyncInterval, --legacy-service-account-token-clean-up-period */
const periodMs = 86_400_000;
const defaultUnusedMs = 365 * periodMs;
const round = "all";

/** Takes back, and later deletes, tokens in Secrets of accounts' own that nobody has used for a year. All in one round, once a day. */
export function unusedTokenController(deps: ControllerDeps, unusedMs: number = defaultUnusedMs): Component {
  const cache = deps.informers.for(secrets, { fieldSelector: `type=${tokenSecretType}` });
  const accounts = deps.informers.for(serviceAccounts);
  const podCache = deps.informers.for(pods);
  return newController(deps, (client) => ({
    sources: [source(secrets, cache, () => []), source(serviceAccounts, accounts, () => []), source(pods, podCache, () => [])],
    workers: 1, start: [round],
    reconciler: {
      name: "legacy-service-account-token-cleaner",
      async reconcile(_key, signal) {
        const now = deps.clock.now();
        if (cache.list().length === 0 || !knowsEnough(await trackedSince(client, signal), now, unusedMs)) return { afterMs: periodMs };
        const mounted = new Set(podCache.list().flatMap(secretsOf));
        for (const secret of cache.list()) {
          const { name, namespace = "", annotations } = secret.metadata;
          const account = accounts.get(`${namespace}/${annotations?.[accountNameAnnotation] ?? ""}`);
          const verdict = verdictOn(secret, { account, isMounted: mounted.has(`${namespace}/${name}`), now, unusedMs });
          if (verdict === "mark") await mark(client, secret, dayOf(now), signal);
          if (verdict === "delete") await remove(client, secret, signal);
        }
        return { afterMs: periodMs };
      },
    },
  }));
}

const trackedSince = async (client: Client, signal: AbortSignal): Promise<string | undefined> =>
  client.resource(configMaps).get(trackingMap.name, trackingMap.namespace, signal).then(({ data }) => data?.[trackingMap.key], (err: unknown) => {
    if (isStatus(err, "NotFound")) return undefined;
    throw err;
  });

async function mark(client: Client, { metadata: { name, namespace, uid, resourceVersion } }: Secret, day: string, signal: AbortSignal): Promise<void> {
  const body = { metadata: { uid, resourceVersion, labels: { [invalidSinceLabel]: day } } };
  await client.resource(secrets).patch(name, namespace, { type: "merge", body }, { signal }).then(() => undefined, ignore("NotFound", "Conflict"));
}

/** Only as it was seen: a use since then is a change. */
async function remove(client: Client, { metadata: { name, namespace, uid = "", resourceVersion = "" } }: Secret, signal: AbortSignal): Promise<void> {
  await client.resource(secrets).delete(name, namespace, { preconditions: { uid, resourceVersion }, signal }).catch(ignore("NotFound", "Conflict"));
}

/** Keys of the Secrets that a pod uses. Upstream: pkg/api/v1/pod VisitPodSecretNames, for what tokens are used as */
function secretsOf({ metadata: { namespace = "" }, spec }: Pod): string[] {
  const volumes = (spec.volumes ?? []).flatMap(({ secret, projected }) => [secret?.secretName, ...(projected?.sources ?? []).map((one) => one.secret?.name)]);
  const variables = visitContainers(spec).flatMap(({ container }) => [...(container.env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name), ...(container.envFrom ?? []).map(({ secretRef }) => secretRef?.name)]);
  return [...volumes, ...variables].flatMap((name) => (name === undefined ? [] : [`${namespace}/${name}`]));
}
