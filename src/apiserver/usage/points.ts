/** What a kubelet's `/metrics/resource` says at one time. Pure. */

/** CPU time used so far and memory held at a time. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

export interface ContainerPoint extends Point {
  /** Milliseconds since 1970; 0 when it is not told. */
  readonly startedAt: number;
}

export interface NodePoints {
  /** Undefined when the kubelet could not measure its node. */
  readonly node: Point | undefined;
  /** By `<namespace>/<pod>`, then by container. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, ContainerPoint>>;
}

interface Measured { cpuSeconds?: number; memoryBytes?: number; startedAt?: number; at?: number }

const sample = /^(\w+)(?:\{([^}]*)\})? (\S+)(?: (\d+))?$/;
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const fields: Readonly<Record<string, { readonly of: "node" | "container"; readonly field: "cpuSeconds" | "memoryBytes" | "startedAt" }>> = {
  node_cpu_usage_seconds_total: { of: "node", field: "cpuSeconds" },
  node_memory_working_set_bytes: { of: "node", field: "memoryBytes" },
  container_cpu_usage_seconds_total: { of: "container", field: "cpuSeconds" },
  container_memory_working_set_bytes: { of: "container", field: "memoryBytes" },
  container_start_time_seconds: { of: "container", field: "startedAt" },
};

/** Reads Prometheus' text; a line that it does not know is left out. Upstream: metrics-server pkg/scraper/client/resource/decode.go */
export function parsePoints(text: string, now: number): NodePoints {
  const node: Measured = {};
  const pods = new Map<string, Map<string, Measured>>();
  for (const line of text.split("\n")) {
    const [, name = "", labels = "", value = "", at] = sample.exec(line) ?? [];
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (known === undefined) continue;
    const measured = known.of === "node" ? node : containerOf(pods, labels);
    measured[known.field] = known.field === "startedAt" ? Number(value) * 1_000 : Number(value);
    if (at !== undefined) measured.at = Number(at);
  }
  return { node: pointOf(node, now), pods: new Map([...pods].map(([pod, containers]) => [pod, new Map([...containers].flatMap(([name, measured]) => named(name, measured, now)))])) };
}

function containerOf(pods: Map<string, Map<string, Measured>>, labels: string): Measured {
  const { namespace = "", pod = "", container = "" } = Object.fromEntries([...labels.matchAll(label)].map(([, key = "", text = ""]) => [key, text]));
  const containers = pods.get(`${namespace}/${pod}`) ?? new Map<string, Measured>();
  pods.set(`${namespace}/${pod}`, containers);
  const measured = containers.get(container) ?? {};
  containers.set(container, measured);
  return measured;
}

/** Both must be there, or there is nothing to show. */
const pointOf = ({ cpuSeconds, memoryBytes, at }: Measured, now: number): Point | undefined =>
  (cpuSeconds === undefined || memoryBytes === undefined ? undefined : { at: at ?? now, cpuSeconds, memoryBytes });

function named(name: string, measured: Measured, now: number): [string, ContainerPoint][] {
  const point = pointOf(measured, now);
  return point === undefined ? [] : [[name, { ...point, startedAt: measured.startedAt ?? 0 }]];
}
