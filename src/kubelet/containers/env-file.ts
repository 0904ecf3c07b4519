/** Variables that a container has left in a file of an emptyDir volume. Upstream: pkg/kubelet/util/env ParseEnv */
import type { FileKeySelector } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import { isCode, openBeneath, openFile } from "#volumes/beneath.ts";
import type { MountedVolume } from "#volumes/plugin.ts";

/** `NAME='value'`; the value may have line breaks and nothing in it has a meaning. */
const assignment = /\s*([^\s=#']+)[ \t]*=[ \t]*'([^']*)'[ \t]*(?:\n|$)/y;
const blankOrComment = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;

const maxFileBytes = 1024 * 1024;
const maxValueBytes = 32 * 1024;

/** The names and values of an env file; of a name that is there twice the last, as in a shell. Throws at the first line that is none of its syntax. */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    blankOrComment.lastIndex = at;
    assignment.lastIndex = at;
    const found = blankOrComment.exec(text) ?? assignment.exec(text);
    if (found === null) throw new Error(`line ${text.slice(0, at).split("\n").length}: want NAME='value'`); // the line itself may be a secret
    const [all, name, value] = found;
    if (name !== undefined && value !== undefined) values.set(name, value);
    at += all.length;
  }
  return values;
}

/** The value of a key, undefined when it is optional and its file or the key is not there. Links are followed as long as they stay in the volume. */
export async function fileKeyValue({ volumeName, path, key, optional }: FileKeySelector, volumes: ReadonlyMap<string, MountedVolume>): Promise<string | undefined> {
  const volume = volumes.get(volumeName);
  if (volume === undefined) throw new Error(`cannot find the volume "${volumeName}" referenced by FileKeyRef`);
  const text = await readBeneath(volume.path, path);
  const value = text === undefined ? undefined : parse(text, path).get(key);
  if (value !== undefined && Buffer.byteLength(value) > maxValueBytes) throw new Error(`environment variable value of key "${key}" exceeds maximum size of ${maxValueBytes} bytes`);
  if (value === undefined && optional !== true) throw new Error(text === undefined ? `environment variable file "${path}" not found in volume "${volumeName}"` : `environment variable key "${key}" not found in file "${path}"`);
  return value;
}

function parse(text: string, path: string): ReadonlyMap<string, string> {
  try {
    return parseEnvFile(text);
  } catch (err) {
    throw new Error(`couldn't parse env file "${path}": ${messageOf(err)}`, { cause: err });
  }
}

/** Undefined when the file is not there. */
async function readBeneath(root: string, path: string): Promise<string | undefined> {
  try {
    await using place = await openBeneath(root, path, { links: "inside" });
    await using file = await openFile(place);
    if ((await file.stat()).size > maxFileBytes) throw new Error(`environment variable file "${path}" exceeds maximum size of ${maxFileBytes} bytes`);
    return await file.readFile("utf8");
  } catch (err) {
    if (isCode(err, "ENOENT", "ENOTDIR")) return undefined;
    throw err;
  }
}
