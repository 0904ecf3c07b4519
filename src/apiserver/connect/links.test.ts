import assert from "node:assert/strict";
import { test } from "node:test";
import { rewriteLinks } from "./links.ts";

async function rewritten(page: string, pieceBytes = page.length): Promise<string> {
  const bytes = Buffer.from(page);
  const pieces = async function* (): AsyncGenerator<Uint8Array> { for (let i = 0; i < bytes.length; i += pieceBytes) yield bytes.subarray(i, i + pieceBytes); };
  return Buffer.concat(await Array.fromAsync(rewriteLinks(pieces(), (link) => `[${link}]`))).toString();
}

const cases: readonly [what: string, page: string, want: string][] = [
  ["a link", '<a href="/x">test</a>', '<a href="[/x]">test</a>'],
  ["quotes of either kind, or none", "<IMG SRC='/x'><img src = /y alt=\"/z\">", "<IMG SRC='[/x]'><img src = [/y] alt=\"/z\">"],
  ["attributes that are no links of their element", '<a src="/x"><p href="/x">', '<a src="/x"><p href="/x">'],
  ["several in one tag", '<video poster="/p" src="/s"/>', '<video poster="[/p]" src="[/s]"/>'],
  ["what looks like a tag's end in a value", '<a title="a>b" href="/x">', '<a title="a>b" href="[/x]">'],
  ["a quote within a bare value", "<a title=it's href=/x>", "<a title=it's href=[/x]>"],
  ["comments", '<!-- <a href="/x"> --><a href="/y">', '<!-- <a href="/x"> --><a href="[/y]">'],
  ["scripts, but for where they come from", '<script src="/s">if (a<b) x = \'<a href="/x">\'</SCRIPT><a href="/y">', '<script src="[/s]">if (a<b) x = \'<a href="/x">\'</SCRIPT><a href="[/y]">'],
  ["less than", "1 < 2 <3 < <a href=/x>", "1 < 2 <3 < <a href=[/x]>"],
  ["letters beyond ASCII", '<p>Zürich ☃<a href="/ü">', '<p>Zürich ☃<a href="[/ü]">'],
  ["a tag without an end", '<a href="/x"><a href="/y"', '<a href="[/x]"><a href="/y"'],
  ["a closing tag and a doctype", "<!doctype html></a><a href=/x>", "<!doctype html></a><a href=[/x]>"],
];
for (const [what, page, want] of cases) {
  test(what, async () => { for (const bytes of [page.length + 9, 1, 3]) assert.equal(await rewritten(page, bytes), want, `in pieces of ${bytes}`); });
}

test("a tag that does not end is not kept", async () => {
  const chunk = Buffer.alloc(16 * 1024, "x");
  let given = 0;
  const endless = async function* (): AsyncGenerator<Uint8Array> { yield Buffer.from("<a href='"); for (; given < 20; given++) yield chunk; };
  const first = await rewriteLinks(endless(), (link) => link).next();
  assert.ok(first.done === false && given < 6, `after ${given} pieces`);
});
