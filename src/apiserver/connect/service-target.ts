/** Where a proxy to a Service leads: to one of its ready pods. Upstream: pkg/registry/core/service/storage/storage.go ResourceLocation */
import { randomInt } from "node:crypto";
import type { Endpoints, EndpointAddress, Service } from "#api/gen/core-v1.ts";
import { endpoints, pods, services } from "#api/resources.ts";
import { notFound, StatusError } from "#apimachinery/status.ts";
import type { Reader } from "../admission/attributes.ts";

/** A Service as a proxy's URL names it; `text` is the whole of that. */
export interface AskedService { readonly namespace: string; readonly name: string; readonly port: string; readonly text: string }

interface Candidate { readonly address: EndpointAddress; readonly port: number }

/** An address of a pod and its port. Throws NotFound, and ServiceUnavailable where no pod answers for the Service. */
export async function endpointOf(reader: Reader, asked: AskedService): Promise<{ readonly ip: string; readonly port: number }> {
  const { namespace, name } = asked;
  const portName = /^\d+$/.test(asked.port) ? portNameOf(await serviceOf(reader, asked), Number(asked.port)) : asked.port;
  const known = await reader.get(endpoints, name, namespace);
  if (known === undefined) throw noService(name); // upstream's store names what was asked for
  const candidates = candidatesOf(known, portName);
  const first = candidates.length === 0 ? 0 : randomInt(candidates.length);
  for (const { address, port } of [...candidates.slice(first), ...candidates.slice(0, first)]) {
    if (await isOfPod(reader, namespace, address)) return { ip: address.ip, port };
  }
  throw new StatusError("ServiceUnavailable", `no endpoints available for service ${JSON.stringify(asked.text)}`);
}

async function serviceOf(reader: Reader, { namespace, name }: AskedService): Promise<Service> {
  const service = await reader.get(services, name, namespace);
  if (service === undefined) throw noService(name);
  return service;
}

const noService = (name: string): StatusError => notFound({ group: "", resource: "services" }, name);

/** The name of a Service's port, by its number; one that is alone may have none. */
function portNameOf({ metadata, spec }: Service, number: number): string {
  const port = spec.ports?.find((p) => p.port === number);
  if (port === undefined) throw new StatusError("ServiceUnavailable", `no service port ${number} found for service ${JSON.stringify(metadata.name)}`);
  return port.name ?? "";
}

/** What is ready behind the port of this name. */
const candidatesOf = ({ subsets = [] }: Endpoints, portName: string): readonly Candidate[] =>
  subsets.flatMap(({ addresses = [], ports = [] }) => ports.filter(({ name = "" }) => name === portName).flatMap(({ port }) => addresses.map((address) => ({ address, port }))));

/** Whoever may write Endpoints must not lead us where no pod of theirs is. Upstream: isValidAddress */
async function isOfPod(reader: Reader, namespace: string, { ip, targetRef }: EndpointAddress): Promise<boolean> {
  if (targetRef?.name === undefined || targetRef.namespace !== namespace) return false;
  const pod = await reader.get(pods, targetRef.name, namespace);
  return pod?.status.podIPs?.some((own) => own.ip === ip) === true;
}
