import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isExtended } from "#api/resource-names.ts";
import { serveUnix } from "#base/grpc/server.ts";
import { protocol, registrationService, version, type RegisterRequest } from "./messages.ts";

const socketName = "kubelet.sock";

interface RegistrationCalls { readonly register: { readonly request: RegisterRequest; readonly response: object } }

/** Where plugins register. What sockets were there before are those of plugins that must register again. Returns how to stop. Upstream: devicemanager/plugin/v1beta1/server.go */
export async function serveRegistration(dir: string, register: (request: RegisterRequest) => void): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true, mode: 0o750 });
  for (const entry of await readdir(dir, { withFileTypes: true })) if (entry.isSocket()) await rm(join(dir, entry.name), { force: true });
  return serveUnix<RegistrationCalls>(join(dir, socketName), protocol(), registrationService, {
    register(request) {
      const refused = refusal(request);
      if (refused !== undefined) throw new Error(refused);
      register(request);
      return {};
    },
  });
}

/** Why a plugin of the common way cannot be used. Upstream: devicemanager/plugin/v1beta1/handler.go ValidatePlugin */
export function watchedProblem(resource: string, versions: readonly string[]): string | undefined {
  if (!versions.includes(version)) return `manager version, ${version}, is not among plugin supported versions [${versions.join(" ")}]`;
  return isExtended(resource) ? undefined : `invalid name of device plugin socket: ${resource}`;
}

/** In upstream's words; undefined when the plugin may come. Its socket stands beside ours and nowhere else. */
function refusal({ version: asked = "", endpoint = "", resourceName = "" }: RegisterRequest): string | undefined {
  if (asked !== version) return `requested API version "${asked}" is not supported by kubelet. Supported version is "${version}"`;
  if (!isExtended(resourceName)) return `the ResourceName "${resourceName}" is invalid`;
  if (endpoint === "" || endpoint.includes("/") || endpoint === ".." || endpoint === socketName) return `the endpoint "${endpoint}" is invalid`;
  return undefined;
}
