import type { ResourceSlice } from "#api/gen/resource-v1.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Clock } from "#base/clock.ts";
import type { AdmissionPlugin } from "./plugin.ts";

/** Writes on a device's taint when it came, where nobody said so. Upstream: pkg/apis/resource/v1 SetDefaults_DeviceTaint */
export const deviceTaintTimes = (clock: Clock): AdmissionPlugin => ({
  name: "DeviceTaintTimes",
  resources: ["resourceslices.resource.k8s.io"],
  admit(_attributes, object) {
    for (const { taints } of (object as ResourceSlice | undefined)?.spec.devices ?? []) for (const taint of taints ?? []) taint.timeAdded ??= timestamp(clock.now());
  },
});
