import type { EphemeralContainer } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, forbidden, notFoundValue } from "#apimachinery/validation/causes.ts";
import { validateCommon, type PodContext } from "./validate-container.ts";

const refused = "cannot be set for an Ephemeral Container";
const refusedFields: readonly (keyof EphemeralContainer)[] = ["ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

/** Upstream: pkg/apis/core/validation validateEphemeralContainers */
export function validateEphemeralContainers(containers: readonly EphemeralContainer[], pod: PodContext, field: string): readonly Cause[] {
  const others = new Set([...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].map((c) => c.name));
  const names = new Set(others);
  return containers.flatMap((container, i) => {
    const at = `${field}[${i}]`;
    const target = container.targetContainerName ?? "";
    const causes = [
      ...validateCommon(container, pod, at),
      ...(names.has(container.name) ? [duplicate(`${at}.name`, container.name)] : []),
      ...(target !== "" && !others.has(target) ? [notFoundValue(`${at}.targetContainerName`, target)] : []),
      ...refusedFields.filter((name) => !semanticEqual(container[name], undefined)).map((name) => forbidden(`${at}.${name}`, refused)),
      ...(container.volumeMounts ?? []).flatMap(({ subPath, subPathExpr }, j) => [
        ...(subPath ? [forbidden(`${at}.volumeMounts[${j}].subPath`, refused)] : []),
        ...(subPathExpr ? [forbidden(`${at}.volumeMounts[${j}].subPathExpr`, refused)] : []),
      ]),
    ];
    names.add(container.name);
    return causes;
  });
}
