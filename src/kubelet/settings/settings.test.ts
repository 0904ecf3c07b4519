import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenByFile, chosenByFlag, settingsWith, SettingsError, type ChosenSettings } from "./read-settings.ts";
import { defaultSettings } from "./settings.ts";

const file = (fields: object): object => ({ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", ...fields });

const flags: readonly { readonly flag: string; readonly want: ChosenSettings | RegExp }[] = [
  { flag: "eviction-hard=memory.available<1Gi,nodefs.available<5%", want: { evictionHard: { "memory.available": "1Gi", "nodefs.available": "5%" } } },
  { flag: "--eviction-hard=", want: { evictionHard: {} } },
  { flag: "eviction-soft-grace-period=memory.available=1m30s", want: { evictionSoftGracePeriod: { "memory.available": "1m30s" } } },
  { flag: "pod-max-pids=100", want: { podPidsLimit: 100 } },
  { flag: "image-gc-high-threshold=90", want: { imageGCHighThresholdPercent: 90 } },
  { flag: "kube-reserved=cpu=100m,memory=1Gi", want: { kubeReserved: { cpu: "100m", memory: "1Gi" } } },
  { flag: "enforce-node-allocatable=none", want: { enforceNodeAllocatable: ["none"] } },
  { flag: "max-pods=many", want: /max-pods must be a whole number of at least 0, not "many"/ },
  { flag: "eviction-hard=memory.available<110%", want: /must be amounts or percentages/ },
  { flag: "eviction-hard=memory.available", want: /must be amounts or percentages/ },
  { flag: "cloud-provider=external", want: /flag that is known here/ },
];
for (const { flag, want } of flags)
  test(`the flag ${flag}`, () => {
    if (want instanceof RegExp) assert.throws(() => chosenByFlag(flag), (err) => err instanceof SettingsError && want.test(err.message));
    else assert.deepEqual(chosenByFlag(flag), want);
  });

const files: readonly { readonly name: string; readonly document: unknown; readonly want: ChosenSettings | RegExp }[] = [
  { name: "fields that are known", document: file({ maxPods: 20, shutdownGracePeriod: "30s" }), want: { maxPods: 20, shutdownGracePeriod: "30s" } },
  { name: "a longest wait before restarts", document: file({ crashLoopBackOff: { maxContainerRestartPeriod: "10s" } }), want: { crashLoopBackOff: { maxContainerRestartPeriod: "10s" } } },
  { name: "more than the longest wait", document: file({ crashLoopBackOff: { maxContainerRestartPeriod: "10s", first: "1s" } }), want: /crashLoopBackOff must be a map with maxContainerRestartPeriod, a duration/ },
  { name: "another kind", document: { apiVersion: "v1", kind: "Pod" }, want: /expected apiVersion kubelet.config.k8s.io\/v1beta1/ },
  { name: "a field that is not done", document: file({ cpuManagerPolicy: "static" }), want: /no setting "cpuManagerPolicy"/ },
  { name: "a field of Object", document: file({ toString: "x" }), want: /no setting "toString"/ },
  { name: "a value of another type", document: file({ imageMinimumGCAge: 120 }), want: /imageMinimumGCAge must be a duration/ },
  { name: "no map", document: [], want: /must be a map/ },
];
for (const { name, document, want } of files)
  test(`a file with ${name}`, () => {
    if (want instanceof RegExp) assert.throws(() => chosenByFile(document), (err) => err instanceof SettingsError && want.test(err.message));
    else assert.deepEqual(chosenByFile(document), want);
  });

const together: readonly { readonly name: string; readonly chosen: ChosenSettings; readonly want: RegExp }[] = [
  { name: "an unknown signal", chosen: { evictionHard: { "swap.available": "1Gi" } }, want: /unrecognized eviction signal swap.available/ },
  { name: "a soft threshold without grace", chosen: { evictionSoft: { "memory.available": "1Gi" } }, want: /grace period must be specified for the soft eviction threshold memory.available/ },
  { name: "a low mark above the high one", chosen: { imageGCLowThresholdPercent: 90 }, want: /\(--image-gc-low-threshold\) 90 must be less than imageGCHighThresholdPercent \(--image-gc-high-threshold\) 85/ },
  { name: "more time for critical pods than for all", chosen: { shutdownGracePeriodCriticalPods: "10s" }, want: /shutdownGracePeriodCriticalPods 10s must be <= shutdownGracePeriod 0s/ },
  { name: "restarts later than ever", chosen: { crashLoopBackOff: { maxContainerRestartPeriod: "6m" } }, want: /CrashLoopBackOff\.MaxContainerRestartPeriod \(got: 360 seconds\) must be set between 1s and 300s/ },
  { name: "a resource that nobody can reserve", chosen: { kubeReserved: { "example.com/gpu": "1" } }, want: /cannot reserve "example.com\/gpu"/ },
];
for (const { name, chosen, want } of together) test(`refused: ${name}`, () => assert.throws(() => settingsWith(chosen), want));

test("hard thresholds take the place of the defaults, or add to them where asked", () => {
  assert.deepEqual(settingsWith({}), defaultSettings);
  assert.deepEqual(settingsWith({ evictionHard: { "pid.available": "10%" } }).evictionHard, { "pid.available": "10%" });
  assert.deepEqual(settingsWith({ evictionHard: { "memory.available": "1Gi" }, mergeDefaultEvictionSettings: true }).evictionHard, { ...defaultSettings.evictionHard, "memory.available": "1Gi" });
});
