import assert from "node:assert/strict";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileKeyValue, parseEnvFile } from "./env-file.ts";

const files = [
  { name: "names and values", text: "A='1'\nB='two words'", want: { A: "1", B: "two words" } },
  { name: "comments and blank lines", text: "# A='0'\n\n  \t\n  # more\nA='# no comment'\n", want: { A: "# no comment" } },
  { name: "spaces around all", text: "  A =\t'1'  \n", want: { A: "1" } },
  { name: "a value of several lines, taken as it is", text: "A='one\n\\n $B \"x\" #\n'\nB='2'", want: { A: "one\n\\n $B \"x\" #\n", B: "2" } },
  { name: "the last of one name", text: "A='1'\nA='2'", want: { A: "2" } },
  { name: "an empty value", text: "A=''", want: { A: "" } },
  { name: "an empty file", text: "", want: {} },
];
for (const { name, text, want } of files) test(`an env file has ${name}`, () => assert.deepEqual(Object.fromEntries(parseEnvFile(text)), want));

const refused = ["A=1", 'A="1"', "A='1''2'", "A='1'$B", "A='1", "export A='1'", "A", "='1'"];
for (const text of refused) test(`an env file may not say ${text}`, () => assert.throws(() => parseEnvFile(`# first\n${text}\n`), { message: "line 2: want NAME='value'" }));

describe("a key of a file in a volume", async () => {
  const dir = await mkdtemp(join(tmpdir(), "env-file-"));
  const volumes = new Map([["v", { path: dir }]]);
  const read = (key: string, path = "env", optional?: boolean): Promise<string | undefined> =>
    fileKeyValue({ volumeName: "v", path, key, ...(optional !== undefined && { optional }) }, volumes);

  test("is found, or missing in words, or left out", async (t) => {
    t.after(() => rm(dir, { recursive: true, force: true }));
    await writeFile(join(dir, "env"), "A='1'\n");
    await writeFile(join(dir, "bad"), "A=1\n");
    await writeFile(join(dir, "long"), `A='${"x".repeat(32 * 1024 + 1)}'`);
    await symlink("env", join(dir, "inside"));
    await symlink("/etc/passwd", join(dir, "outside"));
    assert.equal(await read("A"), "1");
    assert.equal(await read("A", "inside"), "1");
    assert.equal(await read("B", "env", true), undefined);
    assert.equal(await read("A", "none/env", true), undefined);
    await assert.rejects(read("B"), { message: 'environment variable key "B" not found in file "env"' });
    await assert.rejects(read("A", "none"), { message: 'environment variable file "none" not found in volume "v"' });
    await assert.rejects(read("A", "bad", true), { message: `couldn't parse env file "bad": line 1: want NAME='value'` });
    await assert.rejects(read("A", "long"), /exceeds maximum size of 32768 bytes/);
    await assert.rejects(read("root", "outside", true), { name: "EscapeError" });
    await assert.rejects(fileKeyValue({ volumeName: "w", path: "env", key: "A" }, volumes), { message: 'cannot find the volume "w" referenced by FileKeyRef' });
  });
});
