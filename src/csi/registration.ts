/** How a plugin's registrar tells the kubelet of it. Upstream: k8s.io/kubelet/pkg/apis/pluginregistration/v1 */
import type { Clock } from "#base/clock.ts";
import { Channel, load, type Unary } from "#base/grpc/channel.ts";
import registrationDescriptor from "./gen/plugin-registration-v1.descriptor.json" with { type: "json" };
import type { RegistrationCalls } from "./gen/plugin-registration-v1.ts";

export interface Registrar extends Unary<RegistrationCalls> {
  close(): void;
}

/** @param socket the registrar's, in the kubelet's `plugins_registry` */
export function newRegistrar(socket: string, clock: Clock): Registrar {
  const channel = new Channel(socket, { clock });
  const calls = channel.unary(load(registrationDescriptor), "pluginregistration.Registration") as unknown as Unary<RegistrationCalls>;
  return { ...calls, close: () => channel.close() };
}
