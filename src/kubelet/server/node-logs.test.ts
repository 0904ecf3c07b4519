import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { HttpError } from "./http-error.ts";
import { nodeLog } from "./node-logs.ts";

/** What is found at a path, in one line. */
async function found(root: string, path: string): Promise<string> {
  try {
    const log = await nodeLog(root, path);
    if (log.kind === "redirect") return `to ${log.location}`;
    if (log.kind === "page") return log.html;
    const text = await log.file.readFile("latin1");
    await log.file.close();
    return `${log.contentType}: ${text.slice(0, log.bytes)}`;
  } catch (err) {
    if (!(err instanceof HttpError)) throw err;
    return `${err.status} ${err.message}`;
  }
}

describe("the node's logs", () => {
  let dir = "";
  let root = "";
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "node-logs-"));
    root = join(dir, "log");
    await mkdir(join(root, "apt"), { recursive: true });
    await writeFile(join(dir, "secret"), "canary");
    await writeFile(join(root, "syslog"), "hello\n");
    await writeFile(join(root, "page.html"), "<script>alert(1)</script>");
    await writeFile(join(root, "old.gz"), Buffer.from([0x1f, 0x8b, 0x08, 0]));
    await writeFile(join(root, "wtmp"), Buffer.from([7, 0, 0]));
    await writeFile(join(root, "apt", "<a> & b:c"), "");
    await symlink("../secret", join(root, "out"));
    await symlink(join(dir, "secret"), join(root, "absolute"));
    await symlink("..", join(root, "up"));
    await symlink("syslog", join(root, "in"));
    execFileSync("mkfifo", [join(root, "fifo")]);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const nothing = "404 404 page not found\n";
  const cases: readonly [path: string, want: string][] = [
    ["syslog", "text/plain; charset=utf-8: hello\n"],
    ["page.html", "text/plain; charset=utf-8: <script>alert(1)</script>"],
    ["old.gz", "application/x-gzip: \x1f\x8b\x08\0"],
    ["wtmp", "application/octet-stream: \x07\0\0"],
    ["in", "text/plain; charset=utf-8: hello\n"],
    ["apt", "to apt/"],
    ["apt/", '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n<a href="%3Ca%3E%20%26%20b%3Ac">&lt;a&gt; &amp; b:c</a>\n</pre>\n'],
    ["none", nothing],
    ["syslog/none", nothing],
    ["out", nothing],
    ["absolute", nothing],
    ["up/secret", nothing],
    ["../secret", nothing],
    ["/etc/passwd", nothing],
    ["fifo", nothing],
  ];
  for (const [path, want] of cases) test(path, async () => assert.equal(await found(root, path), want));
  test("the directory itself tells the names of what is in it, directories with a slash", async () =>
    assert.deepEqual([...(await found(root, "")).matchAll(/>([^<>]+)<\/a>/g)].map(([, name]) => name), ["absolute", "apt/", "fifo", "in", "old.gz", "out", "page.html", "syslog", "up", "wtmp"]));
});
