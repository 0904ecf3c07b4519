/** The numbers of one resource in a limit range must fit together. Upstream: pkg/apis/core/validation ValidateLimitRange */
import type { LimitRangeItem } from "#api/gen/core-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { quantityOf } from "../common/quantity-of.ts";
import { isOvercommitable } from "../common/resource-names.ts";

interface Bounds {
  readonly name: string; readonly field: string;
  readonly min: Quantity | undefined; readonly max: Quantity | undefined; readonly limit: Quantity | undefined; readonly request: Quantity | undefined; readonly ratio: Quantity | undefined;
}

export function validateBounds(item: LimitRangeItem, field: string): readonly Cause[] {
  const parts = item.type === "Pod" ? {} : { default: item.default, defaultRequest: item.defaultRequest };
  const names = new Set([item.max, item.min, parts.default, parts.defaultRequest, item.maxLimitRequestRatio].flatMap((list) => Object.keys(list ?? {})));
  return [...names].toSorted().flatMap((name) => {
    const bounds: Bounds = {
      name, field, min: quantityOf(item.min?.[name]), max: quantityOf(item.max?.[name]), limit: quantityOf(parts.default?.[name]), request: quantityOf(parts.defaultRequest?.[name]),
      ratio: quantityOf(item.maxLimitRequestRatio?.[name]),
    };
    return [...validateOrder(bounds), ...validateRatio(bounds), ...validateEqual(bounds)];
  });
}

/** One cause when `low` is the greater of the two. */
function ordered(field: string, shown: Quantity | undefined, low: Quantity | undefined, high: Quantity | undefined, text: (low: string, high: string) => string): readonly Cause[] {
  if (low === undefined || high === undefined || low.cmp(high) <= 0) return [];
  return [invalidValue(field, shown?.toString(), text(low.toString(), high.toString()))];
}

const validateOrder = ({ name, field, min, max, limit, request }: Bounds): readonly Cause[] => [
  ...ordered(`${field}.min[${name}]`, min, min, max, (low, high) => `min value ${low} is greater than max value ${high}`),
  ...ordered(`${field}.defaultRequest[${name}]`, request, min, request, (low, high) => `min value ${low} is greater than default request value ${high}`),
  ...ordered(`${field}.defaultRequest[${name}]`, request, request, max, (low, high) => `default request value ${low} is greater than max value ${high}`),
  ...ordered(`${field}.defaultRequest[${name}]`, request, request, limit, (low, high) => `default request value ${low} is greater than default limit value ${high}`),
  ...ordered(`${field}.default[${name}]`, min, min, limit, (low, high) => `min value ${low} is greater than default value ${high}`),
  ...ordered(`${field}.default[${name}]`, max, limit, max, (low, high) => `default value ${low} is greater than max value ${high}`),
];

function validateRatio({ name, field, ratio, min, max }: Bounds): readonly Cause[] {
  if (ratio === undefined) return [];
  const at = `${field}.maxLimitRequestRatio[${name}]`;
  const most = min === undefined || max === undefined ? undefined : max.milliValue / min.milliValue;
  return [
    ...(ratio.cmp(Quantity.of(1)) < 0 ? [invalidValue(at, ratio.toString(), `ratio ${ratio.toString()} is less than 1`)] : []),
    ...(most !== undefined && ratio.milliValue / 1000 > most ? [invalidValue(at, ratio.toString(), `ratio ${ratio.toString()} is greater than max/min = ${most.toFixed(6)}`)] : []),
  ];
}

/** Of what may not be promised twice, the request is the limit. */
function validateEqual({ name, field, limit, request }: Bounds): readonly Cause[] {
  if (isOvercommitable(name) || limit === undefined || request === undefined || limit.cmp(request) === 0) return [];
  return [invalidValue(`${field}.defaultRequest[${name}]`, request.toString(), `default value ${limit.toString()} must equal to defaultRequest value ${request.toString()} in ${name}`)];
}
