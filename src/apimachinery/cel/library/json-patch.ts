/** Upstream: apiserver/pkg/cel/library/jsonpatch.go */
import { traverse } from "../call-costs.ts";
import { overload, type Overload } from "../declarations.ts";

export const jsonPatchLibrary: readonly Overload[] = [
  overload("jsonpatch::escapeKey(string) -> string", (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1"), traverse(0, 1)),
];
