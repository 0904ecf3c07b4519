/** Annotations and labels by which Deployments remember. Upstream: pkg/controller/deployment/util/deployment_util.go */
export const revisionAnnotation = "deployment.kubernetes.io/revision";
export const revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history";
export const desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas";
export const maxReplicasAnnotation = "deployment.kubernetes.io/max-replicas";
export const hashLabel = "pod-template-hash";
/** Not copied from a Deployment to its sets. */
export const ownAnnotations: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration", revisionAnnotation, revisionHistoryAnnotation, desiredReplicasAnnotation, maxReplicasAnnotation, "deprecated.deployment.rollback.to",
]);
