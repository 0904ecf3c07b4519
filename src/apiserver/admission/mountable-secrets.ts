import type { EnvFromSource, EnvVar, PodSpec, ServiceAccount } from "#api/gen/core-v1.ts";
import { referencesOf } from "#api/pod-references.ts";
import { visitContainers, type ContainerKind, type VisitedContainer } from "#api/pod.ts";

const enforced = "kubernetes.io/enforce-mountable-secrets";
const words: Readonly<Record<ContainerKind, string>> = { init: "init container", app: "container", ephemeral: "ephemeral container" };

/** Whether the account's pods may name only the secrets that the account lists. Upstream: strconv.ParseBool */
export const limitsSecrets = ({ metadata }: ServiceAccount): boolean => /^(?:1|[tT]|true|TRUE|True)$/.test(metadata.annotations?.[enforced] ?? "");

/** Why a new pod may not use what it names; undefined when it may. Upstream: plugin/pkg/admission/serviceaccount limitSecretReferences */
export const unmountable = (account: ServiceAccount, spec: PodSpec): string | undefined =>
  volumeSecret(account, spec) ?? containerSecret(account, visitContainers(spec)) ?? pullSecret(account, spec);

/** The same of ephemeral containers alone: the rest of the pod was looked at when it was made. Upstream: limitEphemeralContainerSecretReferences */
export const unmountableLater = (account: ServiceAccount, spec: PodSpec): string | undefined =>
  containerSecret(account, visitContainers(spec).filter(({ kind }) => kind === "ephemeral"));

const because = ({ metadata }: ServiceAccount, what: string): string => `is not allowed because service account ${metadata.name ?? ""} does not reference that ${what}`;
const lists = ({ secrets = [] }: ServiceAccount, name: string): boolean => secrets.some((secret) => secret.name === name);

/** Every kind of volume that reads a secret, not upstream's `secret` alone. */
function volumeSecret(account: ServiceAccount, { volumes = [] }: PodSpec): string | undefined {
  const { secrets } = referencesOf({ metadata: { name: "" }, spec: { containers: [], volumes } });
  const name = [...secrets].find((secret) => !lists(account, secret));
  return name === undefined ? undefined : `volume with secret.secretName="${name}" ${because(account, "secret")}`;
}

function containerSecret(account: ServiceAccount, containers: readonly VisitedContainer[]): string | undefined {
  for (const { container, kind } of containers) {
    const found = variableSecret(account, container.env) ?? sourceSecret(account, container.envFrom);
    if (found !== undefined) return `${words[kind]} ${container.name} with ${found} ${because(account, "secret")}`;
  }
  return undefined;
}

function variableSecret(account: ServiceAccount, env: readonly EnvVar[] = []): string | undefined {
  const found = env.find(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined && !lists(account, valueFrom.secretKeyRef.name ?? ""));
  return found && `envVar ${found.name} referencing secret.secretName="${found.valueFrom?.secretKeyRef?.name ?? ""}"`;
}

function sourceSecret(account: ServiceAccount, envFrom: readonly EnvFromSource[] = []): string | undefined {
  const found = envFrom.find(({ secretRef }) => secretRef !== undefined && !lists(account, secretRef.name ?? ""));
  return found && `envFrom referencing secret.secretName="${found.secretRef?.name ?? ""}"`;
}

function pullSecret(account: ServiceAccount, { imagePullSecrets = [] }: PodSpec): string | undefined {
  const at = imagePullSecrets.findIndex(({ name }) => account.imagePullSecrets?.some((secret) => secret.name === name) !== true);
  return at < 0 ? undefined : `imagePullSecrets[${at}].name="${imagePullSecrets[at]?.name ?? ""}" ${because(account, "imagePullSecret")}`;
}
