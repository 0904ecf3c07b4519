/** What the name of a resource says of it. Upstream: pkg/apis/core/v1/helper/helpers.go */
import { qualifiedName } from "#apimachinery/validation/names.ts";

export const isHugePages = (name: string): boolean => name.startsWith("hugepages-");
/** Kubernetes' own. Upstream: IsNativeResource */
export const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
/** A device plugin's, or another's who counts what Kubernetes does not know. Upstream: IsExtendedResourceName */
export const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith("requests.") && qualifiedName(`requests.${name}`).length === 0;
