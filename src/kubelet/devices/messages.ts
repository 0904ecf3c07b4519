/** The device plugins' protocol, v1beta1. Upstream: kubelet/pkg/apis/deviceplugin/v1beta1 */
import type { PackageDefinition } from "@grpc/proto-loader";
import { load } from "#base/grpc/channel.ts";
import descriptor from "./gen/device-plugin-v1beta1.descriptor.json" with { type: "json" };

export const version = "v1beta1";
export const registrationService = "v1beta1.Registration";
export const pluginService = "v1beta1.DevicePlugin";

export interface PluginOptions {
  readonly preStartRequired?: boolean;
  readonly getPreferredAllocationAvailable?: boolean;
}

export interface RegisterRequest {
  readonly version?: string;
  /** The plugin's socket, a name beside the kubelet's. */
  readonly endpoint?: string;
  readonly resourceName?: string;
  readonly options?: PluginOptions;
}

export interface PluginDevice {
  readonly ID?: string;
  readonly health?: string;
  /** The NUMA nodes that it is near. A node without an ID is 0. */
  readonly topology?: { readonly nodes?: readonly { readonly ID?: string }[] };
}

/** What a container gets with its devices. */
export interface ContainerAllocateResponse {
  readonly envs?: Readonly<Record<string, string>>;
  readonly mounts?: readonly { readonly containerPath?: string; readonly hostPath?: string; readonly readOnly?: boolean }[];
  readonly devices?: readonly { readonly containerPath?: string; readonly hostPath?: string; readonly permissions?: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly cdiDevices?: readonly { readonly name?: string }[];
}

export interface AllocateResponse { readonly containerResponses?: readonly ContainerAllocateResponse[] }
export interface PreferredAllocationResponse { readonly containerResponses?: readonly { readonly deviceIDs?: readonly string[] }[] }
export interface ListAndWatchResponse { readonly devices?: readonly PluginDevice[] }

let loaded: PackageDefinition | undefined;

/** Made when it is asked for first: most nodes never meet a plugin. */
export const protocol = (): PackageDefinition => (loaded ??= load(descriptor));
