/** JSON patch, RFC 6902. Upstream: gopkg.in/evanphx/json-patch.v4, apiserver/pkg/endpoints/handlers/patch.go */
import { isRecord, semanticEqual } from "../equal.ts";
import { jsonType } from "../go-types.ts";
import { cloneJson, getOwn, setOwn } from "../records.ts";
import { badRequest, StatusError } from "../status.ts";
import { cannotApply } from "./errors.ts";

const maxOperations = 10_000;
/** Bytes by which `copy` operations may make a document grow, together. */
const maxCopied = 3 * 1024 * 1024;

const kinds = ["add", "remove", "replace", "move", "copy", "test"] as const;
interface Operation { readonly op: (typeof kinds)[number]; readonly path: string; readonly from?: string; readonly value?: unknown }
type Container = Record<string, unknown> | unknown[];

/**
 * A new document; `doc` stays as it is. Throws BadRequest when `patch` is no JSON patch, RequestEntityTooLarge beyond
 * 10,000 operations, Invalid when an operation does not apply.
 */
export function applyJsonPatch(doc: unknown, patch: unknown): unknown {
  const operations = readOperations(patch);
  const root = { doc: cloneJson(doc) };
  let copied = 0;
  for (const operation of operations) {
    copied += apply(root, operation);
    if (copied > maxCopied) throw cannotApply(`Unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${maxCopied}`);
  }
  return root.doc;
}

/** Holds the document, which an operation may put another one in the place of. */
interface Root { doc: unknown }

function readOperations(patch: unknown): readonly Operation[] {
  if (patch === null) return []; // as in Go
  if (!Array.isArray(patch)) throw badRequest(`json: cannot unmarshal ${jsonType(patch)} into Go value of type jsonpatch.Patch`);
  if (patch.length > maxOperations) throw new StatusError("RequestEntityTooLarge", `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`);
  return patch.map((item: unknown) => {
    if (item !== null && !isRecord(item)) throw badRequest(`json: cannot unmarshal ${jsonType(item)} into Go value of type jsonpatch.Operation`);
    const { op, path, from, value } = item ?? {};
    if (!kinds.some((kind) => kind === op)) throw cannotApply(`Unexpected kind: ${String(op)}`);
    if (typeof path !== "string") throw cannotApply("operation is missing path field");
    if ((op === "move" || op === "copy") && typeof from !== "string") throw cannotApply(`${op} operation is missing from field`);
    return { op: op as Operation["op"], path, ...(typeof from === "string" && { from }), value };
  });
}


/** Returns by how many bytes a copy made the document grow. */
function apply(root: Root, { op, path, from = "", value }: Operation): number {
  switch (op) {
    case "add": put(root, path, cloneJson(value ?? null), op); return 0;
    case "remove": take(root, path, op); return 0;
    case "replace": replace(root, path, cloneJson(value ?? null)); return 0;
    case "move":
      if (path.startsWith(`${from}/`)) throw cannotApply("move operation does not apply: a value cannot be moved into itself");
      put(root, path, take(root, from, op), op);
      return 0;
    case "copy": {
      const [parent, key] = locate(root, from, op);
      const found = read(parent, key) ?? (Array.isArray(parent) ? existing(root, from, op) : null);
      put(root, path, cloneJson(found), op);
      return typeof found === "object" ? JSON.stringify(found).length : String(found as string).length;
    }
    case "test":
      if (!exactly((path === "" ? root.doc : read(...locate(root, path, op))) ?? null, value ?? null)) throw cannotApply(`testing value ${path} failed`);
      return 0;
  }
}

/** A key of a map need not be there, as upstream has it; the whole document has no key. */
function replace(root: Root, path: string, value: unknown): void {
  if (path === "") {
    if (!isContainer(value)) throw cannotApply("replace operation value must be object or array");
    root.doc = value;
    return;
  }
  const [parent, key] = locate(root, path, "replace");
  if (Array.isArray(parent) && read(parent, key) === undefined) throw cannotApply(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  write(parent, key, value);
}

/** Semantic equality is too kind: an empty list is not null to a test. */
const exactly = (a: unknown, b: unknown): boolean => (a === null || b === null ? a === b : Array.isArray(a) === Array.isArray(b) && semanticEqual(a, b));

/** The container and the last step of a pointer; the container must be there. What stands before the first slash is not looked at, as upstream has it. */
function locate(root: Root, path: string, op: string): readonly [Container, string] {
  const [, ...steps] = path.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = steps.pop();
  if (last === undefined) throw cannotApply(`${op} operation does not apply: doc is missing path: ${path}`);
  let at = root.doc;
  for (const step of steps) at = isContainer(at) ? read(at, step) : undefined;
  if (!isContainer(at)) throw cannotApply(`${op} operation does not apply: doc is missing path: ${path}: missing value`);
  return [at, last];
}

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

function existing(root: Root, path: string, op: string): unknown {
  const [parent, key] = locate(root, path, op);
  const value = read(parent, key);
  if (value === undefined) throw cannotApply(`${op} operation does not apply: doc is missing from path: ${path}: missing value`);
  return value;
}

function read(container: Container, key: string): unknown {
  if (!Array.isArray(container)) return getOwn(container, key);
  const index = indexOf(key, container.length);
  return index === undefined ? undefined : container[index];
}

function write(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(key, container.length) ?? container.length] = value;
  else setOwn(container, key, value);
}

function put(root: Root, path: string, value: unknown, op: string): void {
  const [parent, key] = locate(root, path, op);
  if (!Array.isArray(parent)) return setOwn(parent, key, value);
  const index = key === "-" ? parent.length : indexOf(key, parent.length + 1);
  if (index === undefined) throw cannotApply(`${op} operation does not apply: doc is missing path: ${path}: Unable to access invalid index: ${key}: invalid index referenced`);
  parent.splice(index, 0, value);
}

function take(root: Root, path: string, op: string): unknown {
  const value = existing(root, path, op);
  const [parent, key] = locate(root, path, op);
  if (Array.isArray(parent)) parent.splice(indexOf(key, parent.length) ?? 0, 1);
  else delete parent[key];
  return value;
}

/** Negative indexes count from the end, and all that Go's `Atoi` reads is an index, as upstream allows. */
function indexOf(key: string, length: number): number | undefined {
  if (!/^[+-]?\d{1,9}$/.test(key)) return undefined;
  const index = Number(key) < 0 ? Number(key) + length : Number(key);
  return index >= 0 && index < length ? index : undefined;
}
