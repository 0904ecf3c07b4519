/** Something that listens where a kubelet would, and writes down what reaches it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { networkInterfaces } from "node:os";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { issue } from "#base/pki.ts";
import type { Client } from "#client/client.ts";
import { nodes, pods } from "#api/resources.ts";
import type { TestApiServer } from "./api-server.ts";

export interface FakeKubelet {
  readonly address: string;
  readonly port: number;
  /** `GET /path`, and `UPGRADE /path`, in the order in which they came; not what the API server measures by itself. */
  readonly seen: string[];
  /** Nobody listens there any more. */
  readonly close: () => Promise<void>;
}

/** An address of this machine that is not loopback: the API server connects to no other. Undefined on a machine without a network. */
export const machineAddress = (): string | undefined =>
  Object.values(networkInterfaces()).flatMap((list) => list ?? []).find(({ family, internal, address }) => family === "IPv4" && !internal && !address.startsWith("169.254."))?.address;

/** @param answer to requests, whether or not they ask for an upgrade */
export async function startFakeKubelet(t: Pick<TestContext, "after">, { ca }: Pick<TestApiServer, "ca">, answer: (request: IncomingMessage, response: ServerResponse) => void, upgrade?: (socket: Socket) => void): Promise<FakeKubelet> {
  const address = machineAddress();
  if (address === undefined) throw new Error("this machine has no address but loopback");
  const { cert, key } = issue(ca, { commonName: "system:node:n", usages: ["server"], ips: [address], days: 1 }, systemClock.now());
  const seen: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    if (request.url !== "/metrics/resource") seen.push(`${request.method} ${request.url}`); // which the server asks for by itself
    answer(request, response);
  });
  if (upgrade !== undefined) {
    server.on("upgrade", (request, socket) => {
      seen.push(`UPGRADE ${request.url}`);
      upgrade(socket as Socket);
    });
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, address, resolve);
  await promise;
  const close = async (): Promise<void> => {
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  };
  t.after(close);
  return { address, port: (server.address() as AddressInfo).port, seen, close };
}

/** The node `n` at an address, with the running pod `p` of one container `c`. */
export async function registerNode(client: Client, address: string, port: number, name = "n"): Promise<void> {
  const node = await client.resource(nodes).create({ metadata: { name }, spec: {}, status: {} });
  await client.resource(nodes).update({ ...node, status: { addresses: [{ type: "InternalIP", address }], daemonEndpoints: { kubeletEndpoint: { Port: port } } } }, { subresource: "status" });
}

export async function runningPod(client: Client, nodeName: string, name: string, namespace: string, podIP?: string): Promise<void> {
  const pod = await client.resource(pods).create({ metadata: { name, namespace }, spec: { nodeName, serviceAccountName: "default", automountServiceAccountToken: false, containers: [{ name: "c", image: "i:1" }] }, status: {} });
  await client.resource(pods).update({ ...pod, status: { phase: "Running", ...(podIP !== undefined && { podIP, podIPs: [{ ip: podIP }] }) } }, { subresource: "status" });
}
