import { resolve } from "node:path";
import type { EtcdSettings, Instance } from "./instance.ts";
import { UserError } from "./user-error.ts";

interface Given { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string; readonly prefix?: string }

const defaultPrefix = "/registry";

/** Checks what was typed. Paths become absolute: they are remembered. @param servers comma-separated */
export function etcdSettings(servers: string, { caFile, certFile, keyFile, prefix = defaultPrefix }: Given): EtcdSettings {
  if ((certFile === undefined) !== (keyFile === undefined)) throw new UserError("--etcd-certfile and --etcd-keyfile belong together.", 2);
  if (!/^(\/[\w.-]+)+$/.test(prefix)) throw new UserError(`--etcd-prefix must look like /registry or /clusters/one, not "${prefix}".`, 2);
  return {
    servers: servers.split(",").map(serverUrl), prefix,
    ...(caFile !== undefined && { caFile: resolve(caFile) }),
    ...(certFile !== undefined && { certFile: resolve(certFile) }),
    ...(keyFile !== undefined && { keyFile: resolve(keyFile) }),
  };
}

/** Where an instance's state lives, for people. */
export const storeText = ({ etcd, storeFile }: Instance): string => (etcd === undefined ? `SQLite, ${storeFile}` : `etcd at ${etcd.servers.join(", ")}, keys under ${etcd.prefix}`);

function serverUrl(text: string): string {
  const url = URL.parse(text.trim());
  const isServer = url !== null && (url.protocol === "http:" || url.protocol === "https:") && url.port !== "" && url.pathname === "/" && url.username === "";
  if (!isServer) throw new UserError(`--etcd-servers: "${text.trim()}" is not like http://host:2379 or https://host:2379.`, 2);
  return `${url.protocol}//${url.host}`;
}
