/** Which ids of the host a pod with users of its own has. Upstream: pkg/kubelet/userns/userns_manager.go */
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { IDMapping, UserNamespace } from "#cri/gen/cri-v1.ts";
import { isCode } from "#volumes/beneath.ts";
import type { Paths } from "../paths.ts";

/** Every pod has this many ids; the first range is the host's own. */
const idsPerPod = 65_536;
const maxPods = 110;

/** What is written into a pod's directory before its sandbox is made. */
interface Mappings {
  readonly uidMappings: readonly [Mapping];
  readonly gidMappings: readonly [Mapping];
}
type Mapping = Required<IDMapping>;

/** Gives ranges of ids to pods. Which one a pod has stands in its directory, and nowhere else. */
export class UserNamespaces {
  readonly #paths: Paths;
  /** One after the other, so that no two pods are given one range. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  /** The pod's range, a free one if it has none yet. Rejects when all are taken. */
  ensure(uid: string): Promise<UserNamespace> {
    const result = this.#last.then(() => this.#ensure(uid));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Nothing of the pod runs any more: others may have its range. */
  async release(uid: string): Promise<void> {
    await rm(this.#paths.userNamespace(uid), { force: true });
  }

  async #ensure(uid: string): Promise<UserNamespace> {
    const own = await this.#firstIdOf(uid);
    if (own !== undefined) return namespaceFrom(own);
    const uids = await readdir(this.#paths.pods);
    const first = freeRange(new Set(await Promise.all(uids.map((other) => this.#firstIdOf(other)))));
    if (first === undefined) throw new Error("create user namespace: could not find an empty slot to allocate a user namespace");
    const mapping = mappingFrom(first);
    await writeDurably(this.#paths.userNamespace(uid), JSON.stringify({ uidMappings: [mapping], gidMappings: [mapping] } satisfies Mappings));
    return namespaceFrom(first);
  }

  async #firstIdOf(uid: string): Promise<number | undefined> {
    try {
      return firstIdOf(await readFile(this.#paths.userNamespace(uid), "utf8"));
    } catch (err) {
      if (isCode(err, "ENOENT", "ENOTDIR")) return undefined;
      throw err;
    }
  }
}

/** The first host id of what was written. Throws when it is nothing that we would have written: such a pod must not begin again with other ids. */
function firstIdOf(text: string): number {
  const { uidMappings, gidMappings } = JSON.parse(text) as Partial<Mappings>;
  const [uids, gids] = [uidMappings?.[0], gidMappings?.[0]];
  const good = uids !== undefined && JSON.stringify(uids) === JSON.stringify(gids) && uids.containerId === 0 && uids.length === idsPerPod;
  if (!good || !Number.isInteger(uids.hostId / idsPerPod) || uids.hostId < idsPerPod) throw new Error("user namespace: invalid user namespace configuration");
  return uids.hostId;
}

/** The first id of the lowest range that nobody has. */
export function freeRange(taken: ReadonlySet<number | undefined>): number | undefined {
  return Array.from({ length: maxPods }, (_, i) => (i + 1) * idsPerPod).find((first) => !taken.has(first));
}

const mappingFrom = (first: number): Mapping => ({ hostId: first, containerId: 0, length: idsPerPod });
const namespaceFrom = (first: number): UserNamespace => ({ mode: "POD", uids: [mappingFrom(first)], gids: [mappingFrom(first)] });

/** A pod whose containers run must find its range again, even after a power cut. */
async function writeDurably(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await using file = await open(`${path}.new`, "w", 0o600);
  await file.writeFile(text);
  await file.sync();
  await rename(`${path}.new`, path);
  await using dir = await open(dirname(path));
  await dir.sync();
}

/** Why a pod cannot have users of its own here, if so. @param handlers whether the runtime's handlers can, by name. Upstream: HandlerSupportsUserNamespaces */
export function userNamespaceProblem(handler: string, handlers: ReadonlyMap<string, boolean>): string | undefined {
  const supported = handlers.get(handler);
  if (supported === true) return undefined;
  const what = handler === "" ? "runtime does not support user namespaces" : `RuntimeClass handler ${JSON.stringify(handler)} does not support user namespaces`;
  return `can't set \`spec.hostUsers: false\`, ${what}${supported === undefined ? `: the handler ${JSON.stringify(handler)} is not known` : ""}`;
}
