/** Where the audit log goes, and by which policy. Upstream: apiserver/pkg/server/options/audit.go */
import { readFileSync } from "node:fs";
import { isStatus } from "#apimachinery/status.ts";
import { uniform, type AuditLevel, type Policy } from "#apiserver/audit/policy.ts";
import { readPolicy, type ReadPolicy } from "#apiserver/audit/read-policy.ts";
import type { ApiServerOptions } from "#apiserver/server.ts";
import { RotatingFile } from "#base/rotating-file.ts";
import { UserError } from "./user-error.ts";

export interface AuditOptions {
  /** A file that gets lines of JSON; `-` is the standard output. */
  readonly auditLogPath?: string;
  /** Used where there is no policy. */
  readonly auditLevel: AuditLevel;
  readonly auditPolicyFile?: string;
  /** In megabytes, until a file is put aside; so many of those are kept. */
  readonly auditLogMaxsize: number;
  readonly auditLogMaxbackup: number;
}

const megabyte = 1024 * 1024;

/** Undefined where nothing is to be written. Throws UserError for a policy that cannot be read. */
export function auditTo(options: AuditOptions): ApiServerOptions["audit"] {
  const { auditLogPath: path, auditPolicyFile: file, auditLevel: level, auditLogMaxsize: size, auditLogMaxbackup: backups } = options;
  const policy = file === undefined ? uniform(level) : loadPolicy(file);
  if (path === undefined || (file === undefined && level === "None")) return undefined;
  const log = path === "-" ? { write: (line: string) => process.stdout.write(line) } : new RotatingFile(path, size * megabyte, backups);
  return { policy, write: (event) => log.write(`${JSON.stringify(event)}\n`) };
}

function loadPolicy(file: string): Policy {
  const read = policyIn(file);
  if ("policy" in read) return read.policy;
  throw new UserError(`The audit policy ${file} is not valid: ${read.problems.join("; ")}`);
}

function policyIn(file: string): ReadPolicy {
  try {
    return readPolicy(readFileSync(file, "utf8"));
  } catch (err) {
    if (isStatus(err, "BadRequest")) return { problems: [err.message] };
    throw new UserError(`The audit policy cannot be read: ${(err as Error).message}`);
  }
}
