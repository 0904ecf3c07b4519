/** Metrics as the annotations of version 1 hold them, to version 2 and back. Upstream: pkg/apis/autoscaling/v1/conversion.go */
import type * as v1 from "#api/gen/autoscaling-v1.ts";
import type * as v2 from "#api/gen/autoscaling-v2.ts";
import { given } from "../common/given.ts";

type Source = v2.MetricSpec;
const byName = (name: string, selector: v2.MetricIdentifier["selector"]): v2.MetricIdentifier => given({ name, selector }) as v2.MetricIdentifier;

interface V1Resource { readonly name: string; readonly targetAverageUtilization?: number; readonly targetAverageValue?: string }

const resourceTo = ({ name, targetAverageUtilization: averageUtilization, targetAverageValue: averageValue }: V1Resource): v2.ResourceMetricSource =>
  ({ name, target: given({ type: averageUtilization === undefined ? "AverageValue" : "Utilization", averageValue, averageUtilization }) as v2.MetricTarget });
const resourceFrom = ({ name, target }: v2.ResourceMetricSource): v1.ResourceMetricSource =>
  given({ name, targetAverageUtilization: target.averageUtilization, targetAverageValue: target.averageValue }) as v1.ResourceMetricSource;

export function sourceTo({ type, object, pods, resource, containerResource, external }: v1.MetricSpec): Source {
  return given({
    type,
    object: object && {
      describedObject: object.target, metric: byName(object.metricName, object.selector),
      target: given({ type: object.averageValue === undefined ? "Value" : "AverageValue", value: object.targetValue, averageValue: object.averageValue }),
    },
    pods: pods && { metric: byName(pods.metricName, pods.selector), target: { type: "AverageValue", averageValue: pods.targetAverageValue } },
    resource: resource && resourceTo(resource),
    containerResource: containerResource && { ...resourceTo(containerResource), container: containerResource.container },
    external: external && {
      metric: byName(external.metricName, external.metricSelector),
      target: given({ type: external.targetValue === undefined ? "AverageValue" : "Value", value: external.targetValue, averageValue: external.targetAverageValue }),
    },
  }) as Source;
}

export function sourceFrom({ type, object, pods, resource, containerResource, external }: Source): v1.MetricSpec {
  return given({
    type,
    object: object && given({
      target: object.describedObject, metricName: object.metric.name, targetValue: object.target.value ?? "0", selector: object.metric.selector, averageValue: object.target.averageValue,
    }),
    pods: pods && given({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? "0", selector: pods.metric.selector }),
    resource: resource && resourceFrom(resource),
    containerResource: containerResource && { ...resourceFrom(containerResource), container: containerResource.container },
    external: external && given({
      metricName: external.metric.name, metricSelector: external.metric.selector, targetValue: external.target.value, targetAverageValue: external.target.averageValue,
    }),
  }) as v1.MetricSpec;
}

interface V1Current { readonly name: string; readonly currentAverageUtilization?: number; readonly currentAverageValue: string }

const currentTo = ({ name, currentAverageUtilization: averageUtilization, currentAverageValue: averageValue }: V1Current): v2.ResourceMetricStatus =>
  ({ name, current: given({ averageValue, averageUtilization }) as v2.MetricValueStatus });
const currentFrom = ({ name, current }: v2.ResourceMetricStatus): v1.ResourceMetricStatus =>
  given({ name, currentAverageUtilization: current.averageUtilization, currentAverageValue: current.averageValue ?? "0" }) as v1.ResourceMetricStatus;

export function statusTo({ type, object, pods, resource, containerResource, external }: v1.MetricStatus): v2.MetricStatus {
  return given({
    type,
    object: object && {
      describedObject: object.target, metric: byName(object.metricName, object.selector), current: given({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && { metric: byName(pods.metricName, pods.selector), current: { averageValue: pods.currentAverageValue } },
    resource: resource && currentTo(resource),
    containerResource: containerResource && { ...currentTo(containerResource), container: containerResource.container },
    external: external && {
      metric: byName(external.metricName, external.metricSelector), current: given({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  }) as v2.MetricStatus;
}

export function statusFrom({ type, object, pods, resource, containerResource, external }: v2.MetricStatus): v1.MetricStatus {
  return given({
    type,
    object: object && given({
      target: object.describedObject, metricName: object.metric.name, currentValue: object.current.value ?? "0", selector: object.metric.selector, averageValue: object.current.averageValue,
    }),
    pods: pods && given({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? "0", selector: pods.metric.selector }),
    resource: resource && currentFrom(resource),
    containerResource: containerResource && { ...currentFrom(containerResource), container: containerResource.container },
    external: external && given({
      metricName: external.metric.name, metricSelector: external.metric.selector, currentValue: external.current.value ?? "0", currentAverageValue: external.current.averageValue,
    }),
  }) as v1.MetricStatus;
}
