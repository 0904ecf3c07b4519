import { existsSync, globSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { exec } from "#base/exec.ts";
import { unpackPackage } from "./debian-package.ts";
import { layer, type LayerEntry } from "./layer.ts";
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
const packages = ["nginx", "nginx-core", "nginx-light"];

/**
 * nginx and the shared libraries that it needs, from the distribution's packages, which are unpacked and not installed.
 * Throws when no package can be downloaded. @param work an empty directory
 */
export async function nginxLayers(work: string): Promise<Buffer[]> {
  const root = join(work, "root");
  for (const name of ["nginx-common", ...packages]) {
    await unpackPackage(name, work, root);
    if (existsSync(join(root, "usr/sbin/nginx"))) break;
  }
  if (!existsSync(join(root, "usr/sbin/nginx"))) throw new Error("the distribution's nginx packages could not be downloaded (apt-get download nginx nginx-common)");
  const libraries = await librariesOf(join(root, "usr/sbin/nginx"), work, root);
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

/** The loader and the libraries of a program, under the paths where the loader looks; what this machine lacks is downloaded. */
async function librariesOf(program: string, work: string, root: string): Promise<LayerEntry[]> {
  const path = (): string => globSync("{lib,usr/lib}/{,*-linux-gnu}", { cwd: root }).map((dir) => join(root, dir)).join(":");
  const ldd = (): Promise<string> => exec("ldd", [program], { env: { ...process.env, LD_LIBRARY_PATH: path() } });
  if (/not found/.test(await ldd())) {
    for (const name of ["libpcre2-8-0", "libpcre3", "libssl3", "libssl3t64", "zlib1g", "libcrypt1"]) await unpackPackage(name, work, root);
  }
  const listing = await ldd();
  const missing = /^\s*(\S+) => not found/m.exec(listing)?.[1];
  if (missing !== undefined) throw new Error(`nginx needs ${missing}, which this machine does not have`);
  return [...listing.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? "").map((file): LayerEntry => ({
    path: relative("/", file.startsWith(root) ? file.slice(root.length) : file),
    content: readFileSync(realpathSync(file)),
    mode: 0o755,
  }));
}

function filesOf(root: string, wanted: (path: string) => boolean): LayerEntry[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" }).filter(wanted).flatMap((path): LayerEntry[] => {
    const stats = lstatSync(join(root, path));
    if (stats.isSymbolicLink()) return [{ path, linkTo: readlinkSync(join(root, path)) }];
    return stats.isFile() ? [{ path, content: readFileSync(join(root, path)), mode: stats.mode & 0o777 }] : [];
  });
}
