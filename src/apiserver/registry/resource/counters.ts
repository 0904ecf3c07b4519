/** What devices share, and what each takes of it. Upstream: pkg/apis/resource/validation validateCounterSet, validateDeviceCounterConsumption */
import type { CounterSet, DeviceCounterConsumption } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { required, tooMany } from "#apimachinery/validation/causes.ts";
import { validateLabel } from "./names.ts";

const most = 32;

export const validateCounterSet = ({ name, counters }: CounterSet, field: string): readonly Cause[] => validateCounters(name, "name", counters, field);
export const validateConsumption = ({ counterSet, counters }: DeviceCounterConsumption, field: string): readonly Cause[] => validateCounters(counterSet, "counterSet", counters, field);

function validateCounters(name: string, part: string, counters: Readonly<Record<string, unknown>> = {}, field: string): readonly Cause[] {
  const keys = Object.keys(counters);
  return [
    ...(name === "" ? [required(`${field}.${part}`)] : validateLabel(name, `${field}.${part}`)),
    ...(keys.length === 0 ? [required(`${field}.counters`)] : keys.length > most ? [tooMany(`${field}.counters`, keys.length, most)] : keys.flatMap((key) => validateLabel(key, `${field}.counters[${key}]`))),
  ];
}
