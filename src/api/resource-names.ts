/** What the name of a resource says of it. Upstream: pkg/apis/core/v1/helper/helpers.go */
import { qualifiedName } from "#apimachinery/validation/names.ts";

export const isHugePages = (name: string): boolean => name.startsWith("hugepages-");
/** Kubernetes' own. Upstream: IsNativeResource */
export const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
/** A device plugin's, or another's who counts what Kubernetes does not know. Upstream: IsExtendedResourceName */
export const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith("requests.") && qualifiedName(`requests.${name}`).length === 0;

const classPrefix = "deviceclass.resource.kubernetes.io/";
/** Every class of devices stands for a resource of its own name, whatever other one it names. Upstream: resource/v1 ResourceDeviceClassPrefix */
export const resourceOfClass = (name: string): string => `${classPrefix}${name}`;
/** Whether devices may stand for it. Upstream: pkg/scheduler/util IsDRAExtendedResourceName */
export const mayBeDevices = (name: string): boolean => isExtended(name) || name.startsWith(classPrefix);
