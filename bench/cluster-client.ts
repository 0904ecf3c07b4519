import type { Client } from "#client/client.ts";
import { newClient } from "#client/http-client.ts";
import { httpsTransport } from "#client/https-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import type { Transport } from "#client/transport.ts";

/** A client of the cluster that KUBECONFIG names, and its transport for requests that are not to be parsed. */
export async function clusterClient(): Promise<{ readonly client: Client; readonly transport: Transport; readonly close: () => void }> {
  const path = process.env["KUBECONFIG"];
  if (path === undefined) throw new Error("set KUBECONFIG to the cluster to measure");
  const transport = httpsTransport(await loadKubeconfig(path));
  return { client: newClient(transport), transport, close: () => transport.close() };
}
