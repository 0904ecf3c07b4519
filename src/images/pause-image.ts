import { layer } from "./layer.ts";
import { ociArchive } from "./oci-archive.ts";
import { pauseBinary, type Architecture } from "./pause.ts";

/** The sandbox image of every pod. It is part of Seedpod and never pulled. */
export const pauseImage = "seedpod.local/pause:1";

/** The pause image as an OCI archive. */
export async function pauseArchive(architecture: Architecture): Promise<Buffer> {
  const files = await layer([{ path: "pause", content: pauseBinary(architecture), mode: 0o755 }]);
  return ociArchive([{ name: pauseImage, architecture, layers: [files], config: { Entrypoint: ["/pause"] } }]);
}

/** This machine's architecture in the words of images. Throws for one that Seedpod has no pause program for. */
export function architectureOf(arch: NodeJS.Architecture): Architecture {
  if (arch === "x64") return "amd64";
  if (arch === "arm64") return "arm64";
  throw new Error(`this machine's architecture is ${arch}; Seedpod runs on x86-64 and arm64`);
}
