/** Why a container ended, in its own words. Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go getTerminationMessage */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { messageOf } from "#base/error-message.ts";
import type { ContainerStatus } from "#cri/gen/cri-v1.ts";
import { annotationNames } from "../names.ts";

/** Upstream: container.MaxContainerTerminationMessageLength, -LogLength, -LogLines */
const maxBytes = 4096;
const maxLogBytes = 2048;
const maxLogLines = 80;

/** The message of an exited container; empty when it left none. Never throws: an unreadable file says so in the message. */
export async function terminationMessage(status: ContainerStatus): Promise<string> {
  const path = status.annotations?.[annotationNames.terminationMessagePath];
  const file = status.mounts?.find((m) => m.containerPath === path)?.hostPath;
  const message = path === undefined || file === undefined ? "" : await fromFile(file);
  const fallback = status.annotations?.[annotationNames.terminationMessagePolicy] === "FallbackToLogsOnError";
  if (message !== "" || !fallback || (status.exitCode ?? 0) === 0 || status.logPath === undefined) return message;
  return fromLog(status.logPath);
}

async function fromFile(path: string): Promise<string> {
  try {
    return await withFile(path, async (file) =>
      (await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)).buffer.toString("utf8").replace(/\0+$/, ""),
    );
  } catch (err) {
    return isMissing(err) ? "" : `Error reading termination log: ${messageOf(err)}`;
  }
}

/** The tail of a log in CRI's format, without times and stream names. */
async function fromLog(path: string): Promise<string> {
  try {
    return await withFile(path, async (file) => {
      const { size } = await file.stat();
      const window = Math.min(size, maxLogBytes * 4);
      const { buffer } = await file.read(Buffer.alloc(window), 0, window, size - window);
      return tailOf(buffer.toString("utf8"), size > window);
    });
  } catch (err) {
    return isMissing(err) ? "" : `Error reading termination message from logs: ${messageOf(err)}`;
  }
}

/** @param cut true when the text may begin in the middle of a line */
export function tailOf(text: string, cut: boolean): string {
  const lines = text
    .split("\n")
    .slice(cut ? 1 : 0)
    .slice(-maxLogLines - 1);
  const plain = lines
    .map((line) => {
      const [time, stream, tag, ...rest] = line.split(" ");
      if (time === undefined || stream === undefined || tag === undefined) return "";
      return tag.startsWith("P") ? rest.join(" ") : `${rest.join(" ")}\n`;
    })
    .join("");
  return Buffer.from(plain).subarray(-maxLogBytes).toString("utf8");
}

/** Opens a regular file only, never through a link: a container owns what lies there. */
async function withFile<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return (await file.stat()).isFile() ? await read(file) : await Promise.reject(new Error(`${path} is not a regular file`));
  } finally {
    await file.close();
  }
}

const isMissing = (err: unknown): boolean => err instanceof Error && "code" in err && err.code === "ENOENT";
