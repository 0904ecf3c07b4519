import type * as core from "#api/gen/core-v1.ts";

/** Upstream: pkg/apis/core/v1 SetDefaults_Container and those of its parts */
export function defaultContainer(container: core.Container): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  for (const port of container.ports ?? []) port.protocol ||= "TCP";
  for (const variable of container.env ?? []) defaultEnv(variable);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) defaultProbe(probe);
  defaultHttpGet(container.lifecycle?.postStart?.httpGet);
  defaultHttpGet(container.lifecycle?.preStop?.httpGet);
}

/** `Always` for the tag latest, said or not. Upstream: pkg/util/parsers ParseImageName */
export function pullPolicyOf(image: string): "Always" | "IfNotPresent" {
  const [name = "", digest] = image.split("@");
  const colon = name.lastIndexOf(":");
  const tag = colon > name.lastIndexOf("/") ? name.slice(colon + 1) : digest === undefined ? "latest" : "";
  return tag === "latest" ? "Always" : "IfNotPresent";
}

function defaultEnv({ valueFrom }: core.EnvVar): void {
  defaultFieldRef(valueFrom?.fieldRef);
  defaultResourceFieldRef(valueFrom?.resourceFieldRef);
  if (valueFrom?.fileKeyRef !== undefined) valueFrom.fileKeyRef.optional ??= false;
}

/** A field is meant as v1 names it. */
export function defaultFieldRef(ref: core.ObjectFieldSelector | undefined): void {
  if (ref !== undefined) ref.apiVersion ||= "v1";
}

/** The divisor is no pointer in Go: absent prints as zero. */
export function defaultResourceFieldRef(ref: core.ResourceFieldSelector | undefined): void {
  if (ref !== undefined) ref.divisor ??= "0";
}

function defaultProbe(probe: core.Probe | undefined): void {
  if (probe === undefined) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHttpGet(probe.httpGet);
  if (probe.grpc !== undefined) probe.grpc.service ??= "";
}

function defaultHttpGet(get: core.HTTPGetAction | undefined): void {
  if (get === undefined) return;
  get.path ||= "/";
  get.scheme ||= "HTTP";
}
