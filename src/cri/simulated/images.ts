import type { Image } from "../gen/cri-v1.ts";
import { RuntimeError, type ImageService } from "../runtime.ts";

export interface ImageStore extends ImageService {
  find(name: string): Image | undefined;
}

/** @param present names that are there from the start @param pull called for every pull; throws what the registry would say */
export function simulatedImages(present: readonly string[], pull: (image: string) => Promise<void>): ImageStore {
  const images = new Map<string, Image>(present.map((name) => [name, imageOf(name)]));
  const find = (name: string): Image | undefined => images.get(name) ?? [...images.values()].find((i) => i.id === name);
  return {
    find,
    imageStatus: async ({ image }) => {
      const found = find(image?.image ?? "");
      return found === undefined ? {} : { image: found };
    },
    listImages: async () => ({ images: [...images.values()] }),
    pullImage: async ({ image }, options) => {
      const name = image?.image ?? "";
      options?.signal?.throwIfAborted();
      await pull(name);
      images.set(name, images.get(name) ?? imageOf(name));
      return { imageRef: find(name)?.id ?? "" };
    },
    removeImage: async ({ image }) => {
      const found = find(image?.image ?? "");
      for (const [name, known] of images) if (known === found) images.delete(name);
      return {};
    },
    imageFsInfo: async () => ({ imageFilesystems: [], containerFilesystems: [] }),
  };
}

/** What a registry without the image says. */
export const noSuchImage = (name: string): RuntimeError =>
  new RuntimeError("NotFound", `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": not found`);

const imageOf = (name: string): Image => ({
  id: `sha256:${Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64)}`,
  repoTags: [name],
  repoDigests: [],
  size: "1000000",
  uid: { value: "0" },
});
