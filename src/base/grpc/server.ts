import { rm } from "node:fs/promises";
import { messageOf } from "../error-message.ts";
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { codeNumber, GrpcError } from "./errors.ts";

/** The unary calls of a service from its generated types, each answered from its request alone. */
export type Answers<Calls> = {
  readonly [K in keyof Calls]: Calls[K] extends { request: infer Request; response: infer Response } ? (request: Request) => Response | Promise<Response> : never;
};

/**
 * Serves a service's unary calls at a socket, in the place of whatever was there. What a call throws is told to who asked: a
 * `GrpcError` with its code, everything else as UNKNOWN, as Go does. Returns how to stop.
 */
export async function serveUnix<Calls>(socket: string, definition: PackageDefinition, service: string, answers: Answers<Calls>): Promise<() => Promise<void>> {
  await rm(socket, { force: true });
  const server = new Server();
  server.addService(definition[service] as Parameters<Server["addService"]>[0], implementation(answers));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (err) => (err === null ? resolve() : reject(err)));
  await promise;
  return async () => {
    server.forceShutdown();
    await rm(socket, { force: true });
  };
}

const implementation = (answers: object): UntypedServiceImplementation =>
  Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name.charAt(0).toUpperCase() + name.slice(1), handler(answer as (request: object) => object)]));

const handler = (answer: (request: object) => object | Promise<object>) => (call: ServerUnaryCall<object, object>, done: sendUnaryData<object>): void => void reply(answer, call, done);

async function reply(answer: (request: object) => object | Promise<object>, { request }: ServerUnaryCall<object, object>, done: sendUnaryData<object>): Promise<void> {
  try {
    done(null, await answer(request));
  } catch (err) {
    done({ code: codeNumber(err instanceof GrpcError ? err.code : "Unknown"), details: messageOf(err) });
  }
}
