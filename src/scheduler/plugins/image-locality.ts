import { maxNodeScore, skip, type Cluster, type Plugin } from "../framework.ts";
import type { PodInfo } from "../pod-info.ts";

const mebibyte = 1_024 * 1_024;
/** What is smaller is pulled soon enough; what is larger than this, for each image, adds nothing. */
const least = 23 * mebibyte;
const mostPerImage = 1_000 * mebibyte;

interface Wanted { readonly image: string; /** The share of nodes that have it: so that one node does not draw all pods. */ readonly spread: number }

/** Prefers nodes that have the pod's images. Upstream: pkg/scheduler/framework/plugins/imagelocality */
export const imageLocality: Plugin<undefined, readonly Wanted[]> = {
  name: "ImageLocality",
  weight: 1,
  preScore(pod, _nodes, cluster) {
    const wanted = imagesOf(pod).map((image) => ({ image, spread: spreadOf(image, cluster) }));
    return wanted.some((w) => w.spread > 0) ? wanted : skip;
  },
  score(_pod, { images }, wanted) {
    const bytes = wanted.reduce((sum, { image, spread }) => sum + Math.trunc((images.get(image) ?? 0) * spread), 0);
    const most = mostPerImage * wanted.length;
    return Math.trunc((maxNodeScore * (Math.min(Math.max(bytes, least), most) - least)) / (most - least));
  },
};

const spreadOf = (image: string, cluster: Cluster): number => (cluster.nodes.length === 0 ? 0 : cluster.imageSpread(image) / cluster.nodes.length);
const imagesOf = ({ pod }: PodInfo): readonly string[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((c) => normalized(c.image ?? ""));
/** As the runtime lists it: with a tag. */
const normalized = (image: string): string => (image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image);
