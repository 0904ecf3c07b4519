/** The annotation of `kubectl apply` without `--server-side`, as the server keeps it up. Upstream: apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go, lastappliedupdater.go */
import { isRecord } from "../equal.ts";
import type { KubeObject } from "../meta.ts";
import { compare } from "./compare.ts";
import { difference, emptySet, type FieldSet } from "./field-set.ts";
import { fieldSetOf } from "./field-set-of.ts";
import type { Type } from "./types.ts";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";
/** Bytes of all annotations together. Upstream: validation.TotalAnnotationSizeLimitB */
const annotationsLimit = 256 * 1024;

/** What kubectl applied last on its own side and what still stands so. */
export function allowedByLastApplied(type: Type, live: KubeObject, apiVersion: string): FieldSet {
  const applied = parse(live.metadata.annotations?.[annotation] ?? "");
  if (applied?.["apiVersion"] !== apiVersion) return emptySet;
  const { changed, removed } = compare(type, applied, live);
  return difference(difference(fieldSetOf(type, applied), changed), removed);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an annotation that is there up to date when it is kubectl that applies. */
export function withLastApplied(obj: KubeObject, config: KubeObject, manager: string): KubeObject {
  const { annotations } = obj.metadata;
  if (manager !== "kubectl" || annotations?.[annotation] === undefined) return obj;
  const next = { ...annotations, [annotation]: `${JSON.stringify(inOrder(withoutAnnotation(config)))}\n` };
  const size = Object.entries(next).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > annotationsLimit) delete (next as Record<string, string>)[annotation];
  return { ...obj, metadata: { ...obj.metadata, annotations: next } };
}

function withoutAnnotation(config: KubeObject): KubeObject {
  const { [annotation]: _, ...annotations } = config.metadata.annotations ?? {};
  return config.metadata.annotations === undefined ? config : { ...config, metadata: { ...config.metadata, annotations } };
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  return isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, inOrder(item)])) : value;
}
