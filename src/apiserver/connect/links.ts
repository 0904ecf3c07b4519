/** The links of a page that came through a proxy, led through it again. Upstream: apimachinery/pkg/util/proxy/transport.go rewriteHTML */

/** The attributes that hold a link, by element. */
const linking: Readonly<Record<string, readonly string[]>> = {
  a: ["href"], applet: ["codebase"], area: ["href"], audio: ["src"], base: ["href"], blockquote: ["cite"], body: ["background"], button: ["formaction"], command: ["icon"], del: ["cite"],
  embed: ["src"], form: ["action"], frame: ["longdesc", "src"], head: ["profile"], html: ["manifest"], iframe: ["longdesc", "src"], img: ["longdesc", "src", "usemap"], input: ["src", "usemap", "formaction"],
  ins: ["cite"], link: ["href"], object: ["classid", "codebase", "data", "usemap"], q: ["cite"], script: ["src"], source: ["src"], video: ["poster", "src"],
};

/** Elements whose text holds no tags. */
const raw: ReadonlySet<string> = new Set(["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"]);

/** A tag that is longer is handed on as it is: a page may not fill the server. */
const mostTagBytes = 64 * 1024;

/** A page, piece by piece. Bytes that belong to no link are not touched, whatever the page's encoding is. */
export async function* rewriteLinks(page: AsyncIterable<Uint8Array>, rewrite: (link: string) => string): AsyncGenerator<Uint8Array> {
  let [held, until]: [string, string | undefined] = ["", undefined];
  for await (const piece of page) {
    held += Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString("latin1");
    let done = "";
    for (let step = next(held, until); step.take > 0; step = next(held, until)) {
      const taken = held.slice(0, step.take);
      done += step.tag ? linksOf(taken, rewrite) : taken;
      [held, until] = [held.slice(step.take), step.until];
    }
    if (done !== "") yield Buffer.from(done, "latin1");
  }
  if (held !== "") yield Buffer.from(held, "latin1");
}

/** How much is understood: 0 when more must come first. */
interface Step { readonly take: number; readonly tag?: boolean; readonly until?: string | undefined }

/** @param until what ends the comment or the element that `text` is in */
function next(text: string, until: string | undefined): Step {
  if (until !== undefined) {
    const end = text.toLowerCase().indexOf(until);
    return end === -1 ? { take: Math.max(0, text.length - until.length + 1), until } : { take: end + until.length };
  }
  const from = text.indexOf("<");
  if (from !== 0) return { take: from === -1 ? text.length : from };
  if (text.startsWith("<!--")) return { take: 4, until: "-->" };
  if ("<!--".startsWith(text)) return { take: 0 };
  if (!/^<[a-z]/i.test(text)) return { take: 1 };
  const end = endOfTag(text);
  if (end === undefined) return { take: text.length > mostTagBytes ? text.length : 0 };
  const name = nameOf(text);
  return { take: end, tag: true, until: raw.has(name) ? `</${name}` : undefined };
}

const nameOf = (tag: string): string => (/^<([a-z][^\s/>]*)/i.exec(tag)?.[1] ?? "").toLowerCase();

/** Behind the `>` that is in no quotes; quotes count only where a value begins. */
function endOfTag(text: string): number | undefined {
  let [quote, last]: [string, string] = ["", ""];
  for (let i = 1; i < text.length; i++) {
    const c = text.charAt(i);
    if (quote !== "") { if (c === quote) quote = ""; }
    else if (c === ">") return i + 1;
    else if ((c === '"' || c === "'") && last === "=") quote = c;
    if (!/\s/.test(c)) last = c;
  }
  return undefined;
}

function linksOf(tag: string, rewrite: (link: string) => string): string {
  const attributes = linking[nameOf(tag)];
  if (attributes === undefined) return tag;
  return tag.replace(/([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>][^\s>]*)/g, (whole: string, name: string, is: string, value: string) => {
    if (!attributes.includes(name.toLowerCase())) return whole;
    const quote = value.startsWith('"') || value.startsWith("'") ? value.charAt(0) : "";
    return `${name}${is}${quote}${rewrite(quote === "" ? value : value.slice(1, -1))}${quote}`;
  });
}
