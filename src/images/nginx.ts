import { existsSync } from "node:fs";
import { join } from "node:path";
import { unpackPackages } from "./debian-package.ts";
import { layer } from "./layer.ts";
import { filesOf, librariesOf } from "./libraries.ts";
import type { ImageConfig } from "./oci-archive.ts";

/** nginx logs to the container's output and serves /usr/share/nginx/html; more servers come by files in /etc/nginx/conf.d. */
const configuration = `user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log /dev/stderr notice;
events { worker_connections 256; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /dev/stdout;
  sendfile on;
  include /etc/nginx/conf.d/*.conf;
}
`;
const defaultServer = `server {
  listen 80;
  root /usr/share/nginx/html;
  index index.html;
}
`;

export const nginxConfig: ImageConfig = { Cmd: ["nginx", "-g", "daemon off;"], ExposedPorts: { "80/tcp": {} }, StopSignal: "SIGQUIT" };

/** Where the program is: since Debian 12 and in Ubuntu. */
const packages = [["nginx-common", "nginx"], ["nginx-core"], ["nginx-light"]];

/**
 * nginx and the shared libraries that it needs, from the distribution's packages, which are unpacked and not installed.
 * Throws when no package can be downloaded. @param work an empty directory
 */
export async function nginxLayers(work: string): Promise<Buffer[]> {
  const root = join(work, "root");
  for (const names of packages) {
    await unpackPackages(names, work, root);
    if (existsSync(join(root, "usr/sbin/nginx"))) break;
  }
  if (!existsSync(join(root, "usr/sbin/nginx"))) throw new Error("the distribution's nginx packages could not be downloaded (apt-get download nginx nginx-common)");
  const libraries = await librariesOf(["usr/sbin/nginx"], work, root);
  return [
    await layer(libraries),
    await layer([
      ...filesOf(root, (path) => /^usr\/(sbin|share\/nginx|share\/doc\/[^/]+\/copyright)/.test(path) || path === "etc/nginx/mime.types"),
      { path: "etc/nginx/nginx.conf", content: Buffer.from(configuration) },
      { path: "etc/nginx/conf.d/default.conf", content: Buffer.from(defaultServer) },
      { path: "usr/share/nginx/html/index.html", content: Buffer.from("<!doctype html><title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>Served from a pod that Seedpod runs.</p>\n") },
      { path: "var/lib/nginx", directory: true },
      { path: "var/log/nginx/access.log", linkTo: "/dev/stdout" },
      { path: "var/log/nginx/error.log", linkTo: "/dev/stderr" },
    ]),
  ];
}
