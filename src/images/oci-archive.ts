import { digestOf, tarOf } from "./layer.ts";
import type { Architecture } from "./pause.ts";

export interface Image {
  /** With registry and tag: `seedpod.local/pause:1`. */
  readonly name: string;
  readonly architecture: Architecture;
  /** Uncompressed layers, lowest first. */
  readonly layers: readonly Uint8Array[];
  readonly config: ImageConfig;
}

/** The execution parameters of an image. Upstream: opencontainers/image-spec config.md */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly StopSignal?: string;
}

interface Blob { readonly mediaType: string; readonly digest: string; readonly size: number; readonly content: Uint8Array }

/** An OCI image layout in a tar archive, as `ctr images import` and `seedpod image load` read it. Same images, same bytes. */
export function ociArchive(images: readonly Image[]): Promise<Buffer> {
  const blobs = new Map<string, Blob>();
  const keep = (blob: Blob): Blob => { blobs.set(blob.digest, blob); return blob; };
  const manifests = images.map((image) => ({ ...descriptor(manifestOf(image, keep)), annotations: namesOf(image.name), platform: { os: "linux", architecture: image.architecture } }));
  return tarOf([
    { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", content: json({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests }) },
    ...[...blobs.values()].map(({ digest, content }) => ({ path: `blobs/sha256/${digest}`, content })),
  ]);
}

function manifestOf(image: Image, keep: (blob: Blob) => Blob): Blob {
  const layers = image.layers.map((content) => keep(blobOf("application/vnd.oci.image.layer.v1.tar", content)));
  const config = keep(blobOf("application/vnd.oci.image.config.v1+json", json({
    created: "1970-01-01T00:00:00Z",
    os: "linux",
    architecture: image.architecture,
    config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], WorkingDir: "/", ...image.config },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
  })));
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  return keep(blobOf(mediaType, json({ schemaVersion: 2, mediaType, config: descriptor(config), layers: layers.map(descriptor) })));
}

/** containerd takes the whole name from its own annotation; the standard one is only promised to hold the tag. */
function namesOf(name: string): Record<string, string> {
  return { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1) };
}

const descriptor = ({ mediaType, digest, size }: Blob): object => ({ mediaType, digest: `sha256:${digest}`, size });
const blobOf = (mediaType: string, content: Uint8Array): Blob => ({ mediaType, digest: digestOf(content), size: content.length, content });
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
