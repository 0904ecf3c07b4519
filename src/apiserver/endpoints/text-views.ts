/** For people: JSON with line breaks, and YAML. Made of a view in plain JSON, element by element, so that a list streams in these formats too. */
import { parseExact } from "#apimachinery/exact-json.ts";
import { yamlText } from "./yaml.ts";
import type { ListMeta, View } from "./view.ts";

const parsed = (json: Buffer): unknown => parseExact(json.toString());
const lines = (value: unknown): string => JSON.stringify(value, null, 2);

/** Indented by two, without a line end behind. Watches stay as they are. Upstream: json.Serializer with Pretty */
export function prettyView(json: View): View {
  return {
    ...json, ...listOf(json, { text: lines, empty: "[]", opens: "[\n", closes: "\n  ]" }), separator: Buffer.from(",\n"),
    one: (item) => Buffer.from(lines(parsed(json.one(item)))),
    element: (item) => Buffer.from(indented(lines(parsed(json.element(item))), "    ", "    ")),
  };
}

export function yamlView(json: View): View {
  return {
    ...json, ...listOf(json, { text: yamlText, empty: " []\n", opens: "\n", closes: "" }), format: "yaml", separator: Buffer.alloc(0),
    one: (item) => Buffer.from(yamlText(parsed(json.one(item)))),
    element: (item) => Buffer.from(`${indented(yamlText(parsed(json.element(item))).trimEnd(), "- ", "  ")}\n`),
  };
}

interface Style { readonly text: (value: unknown) => string; readonly empty: string; readonly opens: string; readonly closes: string }

/** Head and tail are cut from the text of the same list without elements, whose last empty list is that of the elements. */
function listOf(json: View, { text, empty, opens, closes }: Style): Pick<View, "listHead" | "listTail"> {
  const none = { count: 0, bytes: 0 };
  const whole = (metadata: ListMeta): string => text(parsed(Buffer.concat([json.listHead(metadata, none), json.listTail(metadata, none)])));
  return {
    listHead(metadata, { count }) {
      const list = whole(metadata);
      return Buffer.from(count === 0 ? list : list.slice(0, list.lastIndexOf(empty)) + opens);
    },
    listTail(metadata, { count }) {
      const list = whole(metadata);
      return Buffer.from(count === 0 ? "" : closes + list.slice(list.lastIndexOf(empty) + empty.length));
    },
  };
}

const indented = (text: string, first: string, others: string): string => first + text.replaceAll(/\n(?!\n|$)/g, `\n${others}`);
