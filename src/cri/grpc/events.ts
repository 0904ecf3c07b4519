/** Container events: CRI's own where the runtime has them, containerd's event service where not (containerd 1.6). */
import type { PackageDefinition } from "@grpc/proto-loader";
import { load, type Channel } from "#base/grpc/channel.ts";
import containerdDescriptor from "../gen/containerd-events.descriptor.json" with { type: "json" };
import type { ContainerEventResponse, ContainerEventType } from "../gen/cri-v1.ts";
import { RuntimeError, type RuntimeEvent } from "../runtime.ts";

const criTypes: Record<ContainerEventType, RuntimeEvent["type"]> = {
  CONTAINER_CREATED_EVENT: "created",
  CONTAINER_STARTED_EVENT: "started",
  CONTAINER_STOPPED_EVENT: "exited",
  CONTAINER_DELETED_EVENT: "deleted",
};

const topics: Record<string, RuntimeEvent["type"]> = {
  "/tasks/start": "started",
  "/tasks/exit": "exited",
  "/tasks/oom": "oom",
  "/containers/create": "created",
  "/containers/delete": "deleted",
};

/** CRI's containers live in this containerd namespace. */
const filters = Object.keys(topics).map((topic) => `namespace=="k8s.io",topic=="${topic}"`);

interface Envelope {
  readonly topic?: string;
  readonly event?: { readonly value?: Uint8Array };
}

/** Events until `signal` aborts. @param cri the loaded CRI descriptor */
export async function* runtimeEvents(channel: Channel, cri: PackageDefinition, signal: AbortSignal): AsyncGenerator<RuntimeEvent, void> {
  try {
    for await (const answer of channel.stream(cri, "runtime.v1.RuntimeService", "GetContainerEvents", {}, signal)) {
      const { containerId = "", containerEventType = "CONTAINER_CREATED_EVENT" } = answer as ContainerEventResponse;
      yield { type: criTypes[containerEventType], id: containerId };
    }
  } catch (err) {
    if (!(err instanceof RuntimeError) || err.code !== "Unimplemented") throw err;
    yield* containerdEvents(channel, signal);
  }
}

async function* containerdEvents(channel: Channel, signal: AbortSignal): AsyncGenerator<RuntimeEvent, void> {
  const definition = load(containerdDescriptor);
  for await (const answer of channel.stream(definition, "containerd.services.events.v1.Events", "Subscribe", { filters }, signal)) {
    const event = eventOf(answer as Envelope);
    if (event !== undefined) yield event;
  }
}

/** Upstream: containerd api/events: every message carries the container's id as field 1, TaskExit the process's as field 2. */
export function eventOf({ topic = "", event }: Envelope): RuntimeEvent | undefined {
  const type = topics[topic];
  const [id, process] = leadingStrings(event?.value ?? new Uint8Array());
  if (type === undefined || id === undefined) return undefined;
  if (type === "exited" && process !== undefined && process !== id) return undefined; // an exec ended, not the container
  return { type, id };
}

/** Fields 1 and 2 of a protobuf message when they are strings shorter than 128 bytes, which containerd's ids are. */
function leadingStrings(bytes: Uint8Array): (string | undefined)[] {
  const found: (string | undefined)[] = [undefined, undefined];
  let at = 0;
  while (at + 1 < bytes.length) {
    const tag = bytes[at] ?? 0;
    const length = bytes[at + 1] ?? 0;
    if ((tag & 7) !== 2 || tag >> 3 > 2 || length > 127) break;
    found[(tag >> 3) - 1] = Buffer.from(bytes.buffer, bytes.byteOffset + at + 2, length).toString();
    at += 2 + length;
  }
  return found;
}
