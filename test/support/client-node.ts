/** The configuration of `@kubernetes/client-node` for a server under test. */
import { KubeConfig } from "@kubernetes/client-node";
import type { TestApiServer } from "./api-server.ts";

/** Its administrator, over TLS, by client certificate. */
export function kubeConfigOf(server: TestApiServer): KubeConfig {
  const { port, ca } = server;
  const { cert, key } = server.certificate("admin", "system:masters");
  const data = (pem: string): string => Buffer.from(pem).toString("base64");
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: "c", server: `https://127.0.0.1:${port}`, caData: data(ca.cert), skipTLSVerify: false }],
    users: [{ name: "u", certData: data(cert), keyData: data(key) }], contexts: [{ name: "x", cluster: "c", user: "u" }], currentContext: "x",
  });
  return config;
}
