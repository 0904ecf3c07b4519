/** How a plugin of a test makes itself known to the kubelet: a socket in `plugins_registry`. */
import { rmSync } from "node:fs";
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall, type ServiceDefinition } from "@grpc/grpc-js";
import { load } from "#base/grpc/channel.ts";
import registrationDescriptor from "#csi/gen/plugin-registration-v1.descriptor.json" with { type: "json" };
import type { PluginInfo, RegistrationStatus } from "#csi/gen/plugin-registration-v1.ts";

/** Listens in the place of whatever was there. */
export async function listen(server: Server, socket: string): Promise<void> {
  rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (err) => (err === null ? resolve() : reject(err))));
}

/** Returns the server; the plugin goes when it is shut down. @param told what the kubelet says of the registration, each time */
export async function announce(socket: string, info: PluginInfo, told: (status: RegistrationStatus) => void): Promise<Server> {
  const server = new Server();
  server.addService(load(registrationDescriptor)["pluginregistration.Registration"] as ServiceDefinition, {
    GetInfo: (_: unknown, done: sendUnaryData<PluginInfo>) => done(null, info),
    NotifyRegistrationStatus: (call: ServerUnaryCall<RegistrationStatus, object>, done: sendUnaryData<object>) => {
      told(call.request);
      done(null, {});
    },
  });
  await listen(server, socket);
  return server;
}
