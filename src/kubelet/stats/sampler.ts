/** One look at what the node, its pods and their containers use. */
import type { Pod } from "#api/gen/core-v1.ts";
import { nextTurn } from "#base/clock.ts";
import type { Clock } from "#base/clock.ts";
import type { PodCgroups } from "../resources/cgroups.ts";
import { containersOf } from "../containers/containers.ts";
import { uidOf } from "../names.ts";
import { instanceOf, readySandbox, type ContainerInstance, type PodRuntime } from "../runtime/pod-runtime.ts";
import type { RuntimeCache } from "../runtime/runtime-cache.ts";
import { textOf, type CgroupReader } from "./cgroup-reader.ts";
import type { CgroupUsage } from "./cgroup-usage.ts";
import { CpuRates } from "./cpu-rates.ts";
import { parseNetDev, type InterfaceUsage } from "./net-dev.ts";

export interface Usage extends CgroupUsage {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Nanoseconds of CPU per second, lately; undefined at the first look. */
  readonly cpuRate: number | undefined;
}

export interface ContainerSample {
  readonly instance: ContainerInstance;
  readonly cgroup: string;
  readonly usage: Usage;
}

export interface PodSample {
  readonly pod: Pod;
  readonly cgroup: string;
  /** Undefined before it has a cgroup, or after. */
  readonly usage: Usage | undefined;
  /** Those that run. */
  readonly containers: readonly ContainerSample[];
  /** Undefined in the host's network, or without a sandbox. */
  readonly interfaces: readonly InterfaceUsage[] | undefined;
}

export interface NodeSample {
  readonly at: number;
  readonly node: Usage | undefined;
  /** All pods together. */
  readonly allPods: Usage | undefined;
  readonly interfaces: readonly InterfaceUsage[];
  readonly pods: readonly PodSample[];
}

export interface SamplerDeps {
  readonly pods: () => readonly Pod[];
  readonly cache: RuntimeCache;
  readonly cgroups: PodCgroups;
  /** Where all pods' cgroups are. */
  readonly parent: string | undefined;
  readonly reader: CgroupReader;
  readonly clock: Clock;
}

/** Those who ask at the same time get the same answer. */
const freshMs = 1_000;

export class Sampler {
  readonly #deps: SamplerDeps;
  readonly #rates = new CpuRates();
  #last: { readonly at: number; readonly sample: Promise<NodeSample> } | undefined;

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
  }

  /** What is used now, or was a moment ago. */
  look(): Promise<NodeSample> {
    const at = this.#deps.clock.now();
    if (this.#last !== undefined && at - this.#last.at < freshMs) return this.#last.sample;
    const sample = this.#look();
    this.#last = { at, sample };
    sample.catch(() => { this.#last = undefined; });
    return sample;
  }

  async #look(): Promise<NodeSample> {
    const { reader, clock, parent, pods } = this.#deps;
    const at = clock.now();
    const samples: Sampled[] = [];
    for (const pod of pods()) {
      const runtime = await this.#deps.cache.get(uidOf(pod));
      samples.push(this.#pod(pod, runtime));
      await nextTurn(); // many pods: others have a turn
    }
    const node = reader.usage("/");
    const allPods = parent === undefined ? undefined : reader.usage(parent);
    const used = new Map<string, CgroupUsage | undefined>(samples.flatMap((s) => [[s.cgroup, s.usage] as const, ...s.containers.map((c) => [c.cgroup, c.usage] as const)]));
    used.set("/", node).set(parent ?? "", allPods);
    const cpu = new Map([...used].flatMap(([cgroup, usage]) => (usage === undefined ? [] : [[cgroup, usage.cpu] as const])));
    const rates = this.#rates.note(cpu, at);
    const rated = (cgroup: string, usage: CgroupUsage): Usage => ({ ...usage, at, cpuRate: rates.get(cgroup) });
    return {
      at, node: node && rated("/", node), allPods: allPods && rated(parent ?? "", allPods), interfaces: parseNetDev(textOf("/proc/net/dev") ?? ""),
      pods: samples.map(({ usage, containers, ...rest }) => ({ ...rest, usage: usage && rated(rest.cgroup, usage), containers: containers.map((c) => ({ ...c, usage: rated(c.cgroup, c.usage) })) })),
    };
  }

  #pod(pod: Pod, runtime: PodRuntime): Sampled {
    const { reader, cgroups } = this.#deps;
    const cgroup = cgroups.pathOf(pod);
    const containers = containersOf(pod).flatMap(({ container }) => {
      const instance = instanceOf(runtime, container.name);
      if (instance?.state !== "running") return [];
      const usage = reader.usage(`${cgroup}/${instance.id}`);
      return usage === undefined ? [] : [{ instance, cgroup: `${cgroup}/${instance.id}`, usage }];
    });
    return { pod, cgroup, usage: reader.usage(cgroup), containers, interfaces: this.#interfaces(cgroup, runtime) };
  }

  /** The sandbox's process stands in the pod's network namespace. */
  #interfaces(cgroup: string, runtime: PodRuntime): readonly InterfaceUsage[] | undefined {
    const sandbox = readySandbox(runtime);
    if (sandbox === undefined || sandbox.hostNetwork) return undefined;
    const pid = this.#deps.reader.somePid(`${cgroup}/${sandbox.id}`);
    const text = pid === undefined ? undefined : textOf(`/proc/${pid}/net/dev`);
    return text === undefined ? undefined : parseNetDev(text);
  }
}

interface Sampled extends Omit<PodSample, "usage" | "containers"> {
  readonly usage: CgroupUsage | undefined;
  readonly containers: readonly (Omit<ContainerSample, "usage"> & { readonly usage: CgroupUsage })[];
}
