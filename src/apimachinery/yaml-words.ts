/** What the parser says of broken YAML, in the words of Go's, which users know, and with the line as that one counts. Upstream: sigs.k8s.io/yaml goyaml.v2 scannerc.go, parserc.go, decode.go fail */
import type { YAMLParseError } from "yaml";

type Broken = Pick<YAMLParseError, "code" | "message" | "pos">;
/** Who finds it: what reads tokens counts lines from one, what reads structure from nought. On the first line neither tells of it. */
interface Words { readonly by: "tokens" | "structure"; readonly text: string; /** Lines below where our parser found it. */ readonly below?: number }

const token = (text: string, below = 0): Words => ({ by: "tokens", text, below });
const structure = (text: string): Words => ({ by: "structure", text });
const noToken = token("found character that cannot start any token");
const noKey = structure("did not find expected key");

/** By the parser's code; the first whose beginning of a message fits. */
const table: Readonly<Record<string, readonly (readonly [message: string, words: Words])[]>> = {
  BLOCK_AS_IMPLICIT_KEY: [["", token("mapping values are not allowed in this context")]],
  TAB_AS_INDENT: [["", noToken]],
  BAD_SCALAR_START: [["", noToken]],
  BAD_DQ_ESCAPE: [["", token("found unknown escape character")]],
  MISSING_CHAR: [
    ["Missing closing", token("found unexpected end of stream")],
    ["Implicit map keys", token("could not find expected ':'", 1)],
    ["Missing directives-end", structure("did not find expected <document start>")],
  ],
  BAD_INDENT: [
    ["Flow sequence", structure("did not find expected ',' or ']'")],
    ["Flow map", structure("did not find expected ',' or '}'")],
    ["All mapping items", noKey],
  ],
  MULTILINE_IMPLICIT_KEY: [["", noKey]],
  MULTIPLE_ANCHORS: [["", noKey]],
  UNEXPECTED_TOKEN: [
    ["Block scalar header", token("did not find expected comment or line break")],
    ["Unexpected flow", structure("did not find expected node content")],
  ],
};

/** @param errors the first tells what is wrong */
export function goYamlWords(text: string, errors: readonly Broken[]): string | undefined {
  const [error, next] = errors;
  if (error === undefined) return undefined;
  const found = table[error.code]?.find(([start]) => error.message.startsWith(start))?.[1];
  const [from] = error.pos;
  if (found === undefined) return `line ${linesBefore(text, from) + 1}: ${error.message.split("\n")[0]}`;
  const end = next?.code === "MULTILINE_IMPLICIT_KEY" ? next.pos[1] : from; // of what was taken for a key, where its colon is
  const index = linesBefore(text, end) + (found.below ?? 0);
  const line = found.by === "tokens" ? index && index + 1 : index + Number(from >= text.length && !text.endsWith("\n"));
  return `${line === 0 ? "" : `line ${line}: `}${found.text}`;
}

function linesBefore(text: string, offset: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
