/** Resources of beta versions, served only by a server that is told to. Upstream: pkg/controlplane/instance.go betaAPIGroupVersionsDisabledByDefault */
export const optionalKinds = ["clustertrustbundles", "podcertificaterequests"] as const;
export type OptionalKind = (typeof optionalKinds)[number];

/** The group and version of all of them. */
export const optionalVersion = "certificates.k8s.io/v1beta1";

/** How one asks for a kind. Upstream: --runtime-config */
export const runtimeConfigKey = (kind: OptionalKind): string => `${optionalVersion}/${kind}`;
