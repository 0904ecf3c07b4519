/** Images of busybox that name a user, as a Dockerfile's USER does. */
import { createReadStream } from "node:fs";
import { extract } from "tar-stream";
import { demoArchive, demoImages } from "#images/demo-images.ts";
import { ociArchive } from "#images/oci-archive.ts";
import { architectureOf } from "#images/pause-image.ts";

interface Index { readonly manifests: readonly { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }[] }
interface Manifest { readonly layers: readonly { readonly digest: string }[] }

/** An archive with one image for each name, whose USER is the value. */
export async function userImages(users: Readonly<Record<string, string>>): Promise<Buffer> {
  const architecture = architectureOf(process.arch);
  const layers = [await busyboxLayer(await demoArchive(architecture, () => {}))];
  return ociArchive(Object.entries(users).map(([name, user]) => ({ name, architecture, layers, config: { Cmd: ["sh"], User: user } })));
}

async function busyboxLayer(archive: string): Promise<Buffer> {
  const files = await filesOf(archive);
  const json = (path: string): unknown => JSON.parse(files.get(path)?.toString() ?? "null");
  const blob = (digest: string): string => `blobs/sha256/${digest.replace("sha256:", "")}`;
  const image = (json("index.json") as Index).manifests.find(({ annotations }) => annotations?.["io.containerd.image.name"] === demoImages.busybox);
  const [layer] = (json(blob(image?.digest ?? "")) as Manifest).layers;
  const found = files.get(blob(layer?.digest ?? ""));
  if (found === undefined) throw new Error(`${archive} has no busybox`);
  return found;
}

async function filesOf(archive: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const tar = createReadStream(archive).pipe(extract());
  for await (const entry of tar) {
    const pieces: Buffer[] = [];
    for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
    files.set(entry.header.name, Buffer.concat(pieces));
  }
  return files;
}
