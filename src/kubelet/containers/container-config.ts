import type { Pod } from "#api/gen/core-v1.ts";
import type { ContainerConfig, Device, Image, Mount, Signal, UserNamespace } from "#cri/gen/cri-v1.ts";
import type { ContainerAllocateResponse } from "../devices/messages.ts";
import { noGift, type CdiGift } from "../cdi/to-cri.ts";
import { expand } from "./expansion.ts";
import { annotationNames, labelNames, namespaceOf, uidOf } from "../names.ts";
import { containerLogPath } from "../paths.ts";
import type { PodContainer } from "./containers.ts";
import { containerResources } from "../resources/resources.ts";
import { hashOf } from "./restart.ts";
import { containerSecurity } from "./security-context.ts";

export interface ContainerFacts {
  readonly image: Image;
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  /** Volumes of mode Block. */
  readonly blockDevices: readonly Device[];
  readonly restartCount: number;
  readonly cgroupV2: boolean;
  readonly memoryCapacity: number;
  readonly seccompDir: string;
  readonly targetId?: string;
  /** What its devices bring with them. */
  readonly devices?: readonly ContainerAllocateResponse[];
  /** The CDI devices that it has, where the runtime injects them. */
  readonly cdi?: readonly string[];
  /** What CDI devices bring with them, where the runtime does not. */
  readonly gift?: CdiGift;
  /** The pod's own users, where it has such; then all that is mounted looks theirs. */
  readonly users?: UserNamespace;
}

/** What the runtime must know of a container. Throws `StartError`. Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go generateContainerConfig */
export function containerConfig(pod: Pod, { container }: PodContainer, facts: ContainerFacts): ContainerConfig {
  const value = (name: string): string | undefined => facts.env.get(name);
  const stopSignal = container.lifecycle?.stopSignal;
  const devices = facts.devices ?? [];
  const { cdi = [], gift = noGift } = facts;
  const given = new Set(gift.env.map(([key]) => key));
  return {
    metadata: { name: container.name, attempt: facts.restartCount },
    image: { image: facts.image.id ?? "", userSpecifiedImage: container.image ?? "" },
    command: (container.command ?? []).map((text) => expand(text, value)),
    args: (container.args ?? []).map((text) => expand(text, value)),
    workingDir: container.workingDir ?? "",
    envs: [...[...devices.flatMap(({ envs = {} }) => Object.entries(envs)), ...facts.env].filter(([key]) => !given.has(key)), ...gift.env].map(([key, text]) => ({ key, value: Buffer.from(text) })),
    mounts: [...facts.mounts, ...devices.flatMap(mountsOf), ...gift.mounts].map((mount) => mapped(mount, facts.users)),
    devices: [...devices.flatMap((answer) => (answer.devices ?? []).map((device) => ({ ...device }))), ...facts.blockDevices, ...gift.devices],
    ...(cdi.length > 0 && { CDIDevices: cdi.map((name) => ({ name })) }),
    labels: {
      [labelNames.podName]: pod.metadata.name,
      [labelNames.podNamespace]: namespaceOf(pod),
      [labelNames.podUid]: uidOf(pod),
      [labelNames.container]: container.name,
    },
    annotations: {
      ...Object.assign({}, ...devices.map(({ annotations }) => annotations)),
      [annotationNames.hash]: hashOf(container),
      [annotationNames.restartCount]: String(facts.restartCount),
      [annotationNames.terminationMessagePath]: container.terminationMessagePath ?? "/dev/termination-log",
      [annotationNames.terminationMessagePolicy]: container.terminationMessagePolicy ?? "File",
      ...(pod.spec.terminationGracePeriodSeconds !== undefined && {
        [annotationNames.terminationGracePeriod]: String(pod.spec.terminationGracePeriodSeconds),
      }),
      ...(container.lifecycle?.preStop !== undefined && { [annotationNames.preStopHandler]: JSON.stringify(container.lifecycle.preStop) }),
      ...(container.ports !== undefined && { [annotationNames.ports]: JSON.stringify(container.ports) }),
    },
    logPath: containerLogPath(container.name, facts.restartCount),
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    linux: {
      resources: containerResources(pod, container, facts.cgroupV2, facts.memoryCapacity),
      securityContext: containerSecurity(pod, container, {
        image: facts.image,
        seccompDir: facts.seccompDir,
        ...(facts.targetId !== undefined && { targetId: facts.targetId }),
        ...(facts.users !== undefined && { users: facts.users }),
        moreGroups: gift.groups,
      }),
    },
    ...(stopSignal !== undefined && { stopSignal: stopSignal as Signal }),
  };
}

const mountsOf = ({ mounts = [] }: ContainerAllocateResponse): Mount[] => mounts.map(({ containerPath = "", hostPath = "", readOnly = false }) => ({ containerPath, hostPath, readonly: readOnly }));

const mapped = (mount: Mount, users: UserNamespace | undefined): Mount =>
  users === undefined ? mount : { ...mount, uidMappings: users.uids ?? [], gidMappings: users.gids ?? [] };
