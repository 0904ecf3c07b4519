import { systemClock, type Clock } from "#base/clock.ts";
import type { Container, PodSandboxConfig, PodSandboxState, PodSandboxStatus } from "../gen/cri-v1.ts";
import { RuntimeError, type Runtime, type RuntimeEvent } from "../runtime.ts";
import { nanosOf } from "../states.ts";
import type { Script } from "./behaviour.ts";
import { SimulatedContainer } from "./containers.ts";
import { EventBus } from "./event-bus.ts";
import { containerMatches, sandboxMatches } from "./filters.ts";
import { noSuchImage, simulatedImages } from "./images.ts";

export interface SimulatedOptions {
  readonly clock?: Clock;
  /** What containers do; by default they run until they are stopped. */
  readonly script?: Script;
  /** Images that are there from the start. */
  readonly images?: readonly string[];
  /** Called for every pull; throws what the registry would say. By default there is no such image. */
  readonly pull?: (image: string) => Promise<void>;
}

interface Box {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly createdAt: string;
  readonly ip: string;
  state: PodSandboxState;
}

const unsupported = (call: string): RuntimeError => new RuntimeError("Unimplemented", `rpc error: code = Unimplemented desc = ${call}`);
const missing = (what: string, id: string): RuntimeError =>
  new RuntimeError("NotFound", `rpc error: code = NotFound desc = an error occurred when try to find ${what} "${id}": not found`);
const never = new AbortController().signal;

/** A runtime that runs nothing: it keeps state, obeys a clock and answers as CRI does. For tests, and for thousands of hollow nodes. */
export function newSimulatedRuntime({
  clock = systemClock,
  script = () => ({}),
  images = [],
  pull = (name) => Promise.reject(noSuchImage(name)),
}: SimulatedOptions = {}): Runtime {
  const boxes = new Map<string, Box>();
  const containers = new Map<string, SimulatedContainer>();
  const starts = new Map<string, number>();
  const bus = new EventBus();
  const store = simulatedImages(images, pull);
  let serial = 0;
  const tell = (event: RuntimeEvent): void => bus.tell(event);
  const newId = (): string => (++serial).toString(16).padStart(64, "0");
  const box = (id = ""): Box => boxes.get(id) ?? fail(missing("sandbox", id));
  const container = (id = ""): SimulatedContainer => containers.get(id) ?? fail(missing("container", id));
  const inBox = (id: string): SimulatedContainer[] => [...containers.values()].filter((c) => c.sandboxId === id);

  return {
    images: store,
    version: async () => ({ version: "0.1.0", runtimeName: "simulated", runtimeVersion: "1", runtimeApiVersion: "v1" }),
    status: async () => ({
      status: {
        conditions: [
          { type: "RuntimeReady", status: true },
          { type: "NetworkReady", status: true },
        ],
      },
    }),
    runtimeConfig: async () => ({}),
    updateRuntimeConfig: async () => ({}),
    updatePodSandboxResources: async () => ({}),
    updateContainerResources: async () => ({}),
    reopenContainerLog: async () => ({}),
    runPodSandbox: async ({ config = {} }) => {
      const id = newId();
      boxes.set(id, {
        id,
        config,
        createdAt: nanosOf(clock.now()),
        state: "SANDBOX_READY",
        ip: isHost(config) ? "" : `10.244.${(boxes.size >> 8) & 255}.${serial & 255 || 1}`,
      });
      tell({ type: "created", id });
      tell({ type: "started", id });
      return { podSandboxId: id };
    },
    stopPodSandbox: async ({ podSandboxId }) => {
      const found = boxes.get(podSandboxId ?? "");
      if (found === undefined) return {};
      await Promise.all(inBox(found.id).map((c) => c.stop(0, never)));
      if (found.state === "SANDBOX_READY") tell({ type: "exited", id: found.id });
      found.state = "SANDBOX_NOTREADY";
      return {};
    },
    removePodSandbox: async ({ podSandboxId = "" }) => {
      for (const c of inBox(podSandboxId)) {
        await c.stop(0, never);
        containers.delete(c.id);
      }
      if (boxes.delete(podSandboxId)) tell({ type: "deleted", id: podSandboxId });
      return {};
    },
    podSandboxStatus: async ({ podSandboxId }) => ({ status: boxStatus(box(podSandboxId)) }),
    listPodSandbox: async ({ filter }) => ({ items: [...boxes.values()].map(boxStatus).filter((s) => sandboxMatches(s, filter)) }),
    createContainer: async ({ podSandboxId, config = {}, sandboxConfig = {} }) => {
      if (box(podSandboxId).state !== "SANDBOX_READY")
        fail(new RuntimeError("Unknown", `rpc error: code = Unknown desc = sandbox "${podSandboxId ?? ""}" is not ready`));
      if (store.find(config.image?.image ?? "") === undefined) fail(missing("image", config.image?.image ?? ""));
      const made = new SimulatedContainer(newId(), podSandboxId ?? "", config, sandboxConfig, clock, tell);
      containers.set(made.id, made);
      tell({ type: "created", id: made.id });
      return { containerId: made.id };
    },
    startContainer: async ({ containerId }) => {
      const found = container(containerId);
      const key = `${found.sandboxId}/${found.config.metadata?.name ?? ""}`;
      const start = starts.get(key) ?? 0;
      starts.set(key, start + 1);
      await found.start(script(found.config, start));
      return {};
    },
    stopContainer: async ({ containerId, timeout }, options) => {
      await containers.get(containerId ?? "")?.stop(Number(timeout ?? 0) * 1_000, options?.signal ?? never);
      return {};
    },
    removeContainer: async ({ containerId = "" }) => {
      await containers.get(containerId)?.stop(0, never);
      if (containers.delete(containerId)) tell({ type: "deleted", id: containerId });
      return {};
    },
    listContainers: async ({ filter }) => ({ containers: [...containers.values()].map(listed).filter((c) => containerMatches(c, filter)) }),
    containerStatus: async ({ containerId }) => ({ status: container(containerId).status() }),
    execSync: async ({ containerId, cmd = [] }) => {
      const found = container(containerId);
      if (found.state !== "CONTAINER_RUNNING") fail(new RuntimeError("Unknown", "rpc error: code = Unknown desc = container is not running"));
      const { exitCode, stdout = "" } = found.behaviour.exec?.(cmd) ?? { exitCode: 0 };
      return { exitCode, stdout: Buffer.from(stdout), stderr: new Uint8Array() };
    },
    exec: () => Promise.reject(unsupported("Exec")),
    attach: () => Promise.reject(unsupported("Attach")),
    portForward: () => Promise.reject(unsupported("PortForward")),
    containerStats: () => Promise.reject(unsupported("ContainerStats")),
    listContainerStats: async () => ({ stats: [] }),
    podSandboxStats: () => Promise.reject(unsupported("PodSandboxStats")),
    listPodSandboxStats: async () => ({ stats: [] }),
    events: (signal) => bus.listen(signal),
    close: () => {},
  };
}

const isHost = (config: PodSandboxConfig): boolean => config.linux?.securityContext?.namespaceOptions?.network === "NODE";

const boxStatus = ({ id, config, createdAt, state, ip }: Box): PodSandboxStatus => ({
  id,
  state,
  createdAt,
  network: { ip, additionalIps: [] },
  labels: config.labels ?? {},
  annotations: config.annotations ?? {},
  ...(config.metadata && { metadata: config.metadata }),
  linux: { namespaces: { options: config.linux?.securityContext?.namespaceOptions ?? {} } },
});

function listed(c: SimulatedContainer): Container {
  const { id = "", state = "CONTAINER_CREATED", metadata, image, imageRef, createdAt, labels, annotations } = c.status();
  return {
    id,
    podSandboxId: c.sandboxId,
    state,
    ...(metadata && { metadata }),
    ...(image && { image }),
    ...(imageRef && { imageRef }),
    ...(createdAt && { createdAt }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
}

function fail(err: Error): never {
  throw err;
}
