/** Settings that do not go together. Upstream: pkg/kubelet/apis/config/validation/validation.go, pkg/kubelet/eviction/helpers.go ParseThresholdConfig */
import { isHugePages } from "#api/resource-names.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";
import { isSignal } from "../eviction/signals.ts";
import type { KubeletSettings } from "./settings.ts";

const reservable: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage", "pid"]);
const enforceable: ReadonlySet<string> = new Set(["pods", "none", ""]);

/** In upstream's words; undefined when all go together. */
export function contradiction(settings: KubeletSettings): string | undefined {
  return unknownName(settings) ?? softWithoutGrace(settings) ?? images(settings) ?? shutdown(settings) ?? restarts(settings);
}

function unknownName(settings: KubeletSettings): string | undefined {
  const { evictionHard, evictionSoft, evictionMinimumReclaim, kubeReserved, systemReserved, enforceNodeAllocatable } = settings;
  const signal = [evictionHard, evictionSoft, evictionMinimumReclaim].flatMap((map) => Object.keys(map)).find((name) => !isSignal(name));
  if (signal !== undefined) return `unrecognized eviction signal ${signal}`;
  const resource = [kubeReserved, systemReserved].flatMap((map) => Object.keys(map)).find((name) => !reservable.has(name) && !isHugePages(name));
  if (resource !== undefined) return `cannot reserve "${resource}" resource`;
  const option = enforceNodeAllocatable.find((name) => !enforceable.has(name));
  return option === undefined ? undefined : `option "${option}" specified for enforceNodeAllocatable (--enforce-node-allocatable). Valid options are "pods" or "none"`;
}

function softWithoutGrace({ evictionSoft, evictionSoftGracePeriod }: KubeletSettings): string | undefined {
  const signal = Object.keys(evictionSoft).find((name) => evictionSoftGracePeriod[name] === undefined);
  return signal === undefined ? undefined : `grace period must be specified for the soft eviction threshold ${signal}`;
}

function images({ imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low, imageMaximumGCAge, imageMinimumGCAge }: KubeletSettings): string | undefined {
  if (low >= high) return `imageGCLowThresholdPercent (--image-gc-low-threshold) ${low} must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) ${high}`;
  const [most = 0, least = 0] = [parseDuration(imageMaximumGCAge), parseDuration(imageMinimumGCAge)];
  return most !== 0 && most < least ? `imageMaximumGCAge ${imageMaximumGCAge} must be greater than imageMinimumGCAge ${imageMinimumGCAge}` : undefined;
}

function shutdown({ shutdownGracePeriod: all, shutdownGracePeriodCriticalPods: critical, shutdownGracePeriodByPodPriority: periods }: KubeletSettings): string | undefined {
  const [total = 0, ofCritical = 0] = [parseDuration(all), parseDuration(critical)];
  if (ofCritical > total) return `shutdownGracePeriodCriticalPods ${critical} must be <= shutdownGracePeriod ${all}`;
  if (total > 0 && total < 1_000) return `shutdownGracePeriod ${all} must be either zero or otherwise >= 1 sec`;
  if (periods.length > 0 && total > 0) return "Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time";
  return undefined;
}

function restarts({ crashLoopBackOff: { maxContainerRestartPeriod } }: KubeletSettings): string | undefined {
  const seconds = (parseDuration(maxContainerRestartPeriod) ?? 0) / 1_000;
  return seconds >= 1 && seconds <= 300 ? undefined : `CrashLoopBackOff.MaxContainerRestartPeriod (got: ${seconds} seconds) must be set between 1s and 300s`;
}
