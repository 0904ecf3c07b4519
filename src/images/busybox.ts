import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exec } from "#base/exec.ts";
import { unpackPackages } from "./debian-package.ts";
import { layer, type LayerEntry } from "./layer.ts";

const places = ["bin/busybox", "usr/bin/busybox"];

/** A small root file system: a static busybox, its applets, and the files that programs expect in /etc. Throws when there is no static busybox and none can be downloaded. @param work an empty directory */
export async function busyboxLayer(work: string): Promise<Buffer> {
  const program = staticBusybox("/") ?? (await downloaded(work));
  const binary = readFileSync(program);
  const applets = (await exec(program, ["--list"])).split("\n").filter((name) => /^[a-z0-9_.[\]-]+$/i.test(name) && name !== "busybox");
  return layer([
    { path: "bin/busybox", content: binary, mode: 0o755 },
    ...applets.map((name): LayerEntry => ({ path: `bin/${name}`, linkTo: "busybox" })),
    ...["dev", "home", "proc", "run", "sys", "usr/bin", "usr/sbin", "var/log", "var/www"].map((path): LayerEntry => ({ path, directory: true })),
    { path: "tmp", directory: true, mode: 0o1777 },
    { path: "root", directory: true, mode: 0o700 },
    { path: "var/run", linkTo: "/run" },
    file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
    file("etc/group", "root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n"),
    file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
  ]);
}

async function downloaded(work: string): Promise<string> {
  const root = join(work, "busybox");
  await unpackPackages(["busybox-static"], work, root);
  const found = staticBusybox(root);
  if (found === undefined) throw new Error("there is no static busybox, and the distribution's package could not be downloaded (apt-get download busybox-static)");
  return found;
}

const staticBusybox = (root: string): string | undefined => places.map((path) => join(root, path)).find((path) => existsSync(path) && !isDynamic(readFileSync(path)));

/** An ELF file with an interpreter (a program header of type 3) needs shared libraries. */
function isDynamic(elf: Buffer): boolean {
  const [start, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  return Array.from({ length: count }, (_, i) => elf.readUInt32LE(start + i * size)).includes(3);
}

const file = (path: string, text: string): LayerEntry => ({ path, content: Buffer.from(text) });
