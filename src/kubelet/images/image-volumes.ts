/** Volumes that are images: pulled before the containers that mount them start, and only those wait. Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go getImageVolumes, toKubeContainerImageVolumes */
import type { Pod, Volume } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { Image, PodSandboxConfig } from "#cri/gen/cri-v1.ts";
import { imageVolumeName, mountImage } from "#volumes/image.ts";
import type { MountedVolume } from "#volumes/plugin.ts";
import { containersOf, type PodContainer } from "../containers/containers.ts";
import { imageAuth } from "./image-auth.ts";
import { withTag } from "./image-reference.ts";
import { uidOf } from "../names.ts";
import type { NodeFeatures } from "../node/node-features.ts";
import { StartError } from "../containers/start-error.ts";
import type { SyncTask } from "../pods/sync-task.ts";

/** By the volume's name; rejects with `StartError`. */
export type ImageVolumes = ReadonlyMap<string, Promise<MountedVolume>>;

/** Begins to make the image volumes that these containers mount. */
export function imageVolumesOf(task: SyncTask, containers: readonly PodContainer[], sandbox: PodSandboxConfig): ImageVolumes {
  const used = (task.pod.spec.volumes ?? []).filter(({ name, image }) => image !== undefined && containers.some((c) => mountsOf(c, name).length > 0));
  return new Map(
    used.map((volume) => {
      const made = imageVolume(task, volume, sandbox);
      made.catch(() => {}); // awaited when a container's turn comes, perhaps never
      return [volume.name, made];
    }),
  );
}

/** The volumes as one container sees them, once its images are there. */
export async function withImages(volumes: ReadonlyMap<string, MountedVolume>, images: ImageVolumes, c: PodContainer): Promise<ReadonlyMap<string, MountedVolume>> {
  const own = [...images].filter(([name]) => mountsOf(c, name).length > 0);
  return new Map([...volumes, ...(await Promise.all(own.map(async ([name, made]): Promise<[string, MountedVolume]> => [name, await made])))]);
}

/** The images that are volumes of these pods, as the runtime is asked for them. */
export const volumeImages = (pods: readonly Pod[]): readonly string[] =>
  [...new Set(pods.flatMap(({ spec }) => (spec.volumes ?? []).flatMap(({ image }) => withTag(image?.reference ?? "") ?? [])))];

const mountsOf = ({ container }: PodContainer, volume: string) => (container.volumeMounts ?? []).filter(({ name }) => name === volume);

async function imageVolume(task: SyncTask, volume: Volume, sandbox: PodSandboxConfig): Promise<MountedVolume> {
  const { ctx, pod } = task;
  const reference = volume.image?.reference ?? "";
  const { id = "" } = await pulled(task, volume, sandbox);
  const dir = ctx.paths.volume(uidOf(pod), imageVolumeName, volume.name);
  if (runtimeMounts(pod, volume.name, ctx.node.features)) return { path: dir, readOnly: true, image: { id, reference } };
  try {
    if (ctx.imageViews === undefined) throw new Error("image volumes are not supported by the container runtime");
    return { path: await mountImage(ctx.imageViews, dir, id), sealed: true };
  } catch (err) {
    throw new StartError("CreateContainerError", `failed to mount image volume "${volume.name}": ${messageOf(err)}`, { cause: err });
  }
}

function pulled({ ctx, pod, signal }: SyncTask, { name, image }: Volume, sandbox: PodSandboxConfig): Promise<Image> {
  const { reference = "", pullPolicy } = image ?? {};
  const wanted = { reference, policy: pullPolicy, fieldPath: undefined, owner: `volume ${name}` };
  return ctx.images.ensure(pod, wanted, { sandbox, signal, auth: () => imageAuth(pod, reference, ctx) });
}

/** A runtime that would pass over a sub path without a word is not asked to mount a volume that has one. */
function runtimeMounts(pod: Pod, volume: string, { imageMounts, imageSubPaths }: NodeFeatures): boolean {
  const mounts = containersOf(pod).flatMap((c) => mountsOf(c, volume));
  return imageMounts && (imageSubPaths || mounts.every(({ subPath = "", subPathExpr = "" }) => subPath === "" && subPathExpr === ""));
}
