import type { Container, HTTPGetAction, LifecycleHandler, Probe, ProbeHandler } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, nonNegative, notSupported, required } from "#apimachinery/validation/causes.ts";
import { httpHeaderName, portName, portNumber } from "#apimachinery/validation/names.ts";

type Handler = ProbeHandler & Pick<LifecycleHandler, "sleep">;

/** Upstream: pkg/apis/core/validation ValidatePortNumOrName */
export const validatePort = (port: number | string, field: string): readonly Cause[] =>
  eachInvalid(field, port, typeof port === "number" ? portNumber(port) : portName(port));

function validateHttpGet(get: HTTPGetAction, field: string): readonly Cause[] {
  return [
    ...(get.path ? [] : [required(`${field}.path`)]),
    ...validatePort(get.port, `${field}.port`),
    ...(get.scheme === "HTTP" || get.scheme === "HTTPS" ? [] : [notSupported(`${field}.scheme`, get.scheme ?? "", ["HTTP", "HTTPS"])]),
    ...(get.httpHeaders ?? []).flatMap(({ name }) => eachInvalid(`${field}.httpHeaders`, name, httpHeaderName(name))),
  ];
}

const checks: { readonly [K in keyof Handler]-?: (action: NonNullable<Handler[K]>, field: string, graceSeconds: number) => readonly Cause[] } = {
  exec: ({ command }, field) => (command?.length ? [] : [required(`${field}.command`)]),
  httpGet: validateHttpGet,
  tcpSocket: ({ port }, field) => validatePort(port, `${field}.port`),
  grpc: ({ port }, field) => validatePort(port, `${field}.port`),
  sleep: ({ seconds }, field, graceSeconds) =>
    seconds < 0 || seconds > graceSeconds ? [invalidValue(field, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`)] : [],
};

/** Exactly one way of acting. Upstream: pkg/apis/core/validation validateHandler */
function validateHandler(handler: Handler, graceSeconds: number, field: string): readonly Cause[] {
  const given = (Object.keys(checks) as (keyof Handler)[]).filter((kind) => handler[kind] !== undefined);
  if (given.length === 0) return [required(field, "must specify a handler type")];
  return given.flatMap((kind, i) => {
    if (i > 0) return [forbidden(`${field}.${kind}`, "may not specify more than 1 handler type")];
    const check = checks[kind] as (action: unknown, field: string, graceSeconds: number) => readonly Cause[];
    return check(handler[kind], `${field}.${kind}`, graceSeconds);
  });
}

function validateProbe(probe: Probe, graceSeconds: number, field: string): readonly Cause[] {
  const { terminationGracePeriodSeconds: own } = probe;
  return [
    ...validateHandler(probe, graceSeconds, field),
    ...(["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const).flatMap((name) => nonNegative(`${field}.${name}`, probe[name])),
    ...(own !== undefined && own <= 0 ? [invalidValue(`${field}.terminationGracePeriodSeconds`, own, "must be greater than 0")] : []),
  ];
}

const succeedsOnce = (probe: Probe, field: string): readonly Cause[] =>
  (probe.successThreshold === 1 ? [] : [invalidValue(`${field}.successThreshold`, probe.successThreshold ?? 0, "must be 1")]);

/** Probes and hooks of a container that runs for long. @param graceSeconds the pod's. Upstream: pkg/apis/core/validation validateLivenessProbe, validateLifecycle */
export function validateProbesAndHooks({ livenessProbe: liveness, readinessProbe: readiness, startupProbe: startup, lifecycle }: Container, graceSeconds: number, field: string): readonly Cause[] {
  const { postStart, preStop } = lifecycle ?? {};
  return [
    ...(postStart ? validateHandler(postStart, graceSeconds, `${field}.lifecycle.postStart`) : []),
    ...(preStop ? validateHandler(preStop, graceSeconds, `${field}.lifecycle.preStop`) : []),
    ...(liveness ? [...validateProbe(liveness, graceSeconds, `${field}.livenessProbe`), ...succeedsOnce(liveness, `${field}.livenessProbe`)] : []),
    ...(readiness ? [...validateProbe(readiness, graceSeconds, `${field}.readinessProbe`), ...noOwnGrace(readiness, `${field}.readinessProbe`)] : []),
    ...(startup ? [...validateProbe(startup, graceSeconds, `${field}.startupProbe`), ...succeedsOnce(startup, `${field}.startupProbe`)] : []),
  ];
}

const noOwnGrace = ({ terminationGracePeriodSeconds: own }: Probe, field: string): readonly Cause[] =>
  own === undefined ? [] : [invalidValue(`${field}.terminationGracePeriodSeconds`, own, "must not be set for readinessProbes")];
