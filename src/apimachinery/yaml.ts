/**
 * YAML as Kubernetes reads it: YAML 1.1 scalars, aliases within a budget, duplicate keys told.
 * Upstream: sigs.k8s.io/yaml (go-yaml v2 inside)
 */
import { parseAllDocuments, type Document, type ParsedNode } from "yaml";
import { parseJson, type ParsedJson } from "./json.ts";
import { badRequest } from "./status.ts";
import { YamlError, YamlReader } from "./yaml-values.ts";
import { goYamlWords } from "./yaml-words.ts";

/** Before what is wrong with it. */
export const notConverted = "error converting YAML to JSON: ";

/** Brackets and list marks that may stand in one line, so that no line nests beyond what a stack holds. */
const depth = 1_000;
const tooDeep = `exceeded max depth of ${depth}`;
/** The parser takes about 1 µs a byte and more a line; beyond these it would hold the event loop. Text that is JSON is not bound by them. */
const maxCharacters = 1 << 20;
const maxLines = 100_000;

/**
 * The first document; the others are left out, as upstream does. Throws BadRequest: `error converting YAML to JSON: yaml: line 2: …`.
 * @param text its size has been limited before
 * @param exact as of `parseJson`, where the text is JSON
 */
export function parseYaml(text: string, exact = false): ParsedJson {
  if (/^\s*\{/.test(text)) {
    try {
      return parseJson(text, { exact });
    } catch {
      // a flow mapping that is YAML only
    }
  }
  return parseYamlDocuments(text)[0] ?? { value: null, duplicates: [] };
}

/** All documents of a stream. */
export function parseYamlDocuments(text: string): ParsedJson[] {
  try {
    return documentsOf(text).map((document) => readDocument(document, text));
  } catch (err) {
    if (err instanceof YamlError) throw badRequest(`${notConverted}yaml: ${err.message}`);
    if (err instanceof RangeError) throw badRequest(`${notConverted}yaml: ${tooDeep}`);
    throw err;
  }
}

function documentsOf(text: string): readonly Document.Parsed<ParsedNode>[] {
  refuseBombs(text);
  const documents = parseAllDocuments(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent", prettyErrors: false });
  return Array.isArray(documents) ? documents : [];
}

/** The parser is recursive and slow. What cannot be meant is refused before it starts. */
function refuseBombs(text: string): void {
  if (text.length > maxCharacters) throw new YamlError(`more than ${maxCharacters} characters`);
  let open = 0, lines = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5b || c === 0x7b) open++;
    else if ((c === 0x5d || c === 0x7d) && open > 0) open--;
    else if (c === 0x2d && text.charCodeAt(i + 1) === 0x20 && text.charCodeAt(i + 2) === 0x2d) open++;
    else if (c === 0x0a && ++lines > maxLines) throw new YamlError(`more than ${maxLines} lines`);
    if (open > depth) throw new YamlError(tooDeep);
  }
}

function readDocument(document: Document.Parsed<ParsedNode>, text: string): ParsedJson {
  const broken = goYamlWords(text, document.errors);
  if (broken !== undefined) throw new YamlError(broken);
  const reader = new YamlReader((offset) => lineAt(text, offset));
  return { value: reader.read(document.contents), duplicates: reader.duplicates };
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
