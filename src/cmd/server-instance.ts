import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivate } from "#base/pki-files.ts";
import { instancePaths, loadInstance, saveInstance, settingsOf, type Instance } from "./instance.ts";
import { changed, newInstance, type Wishes } from "./new-instance.ts";
import { UserError } from "./user-error.ts";

/** What all servers of a cluster must have in common: who signs certificates, and who signs service account tokens. */
const sharedFiles = ["ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key"];

/** @param join another server's data directory, or a copy of its `instance.json` and `pki/` */
export interface ServerWishes extends Wishes { readonly join?: string }

/** The instance that a server runs for: one that is there, one that joins another server's cluster, or the first of a cluster on etcd. */
export async function serverInstance(wishes: ServerWishes): Promise<Instance> {
  const { dataDir, store, controlPlane } = wishes;
  const found = loadInstance(dataDir);
  if (found !== undefined) return { ...changed(found, { name: found.name, dataDir, ...(store !== undefined && { store }), ...(controlPlane !== undefined && { controlPlane }) }), ...listening(found, wishes) };
  if (wishes.join !== undefined) return await joined(wishes, wishes.join);
  if (typeof store === "object") return await newInstance(wishes);
  throw new UserError(`There is no instance in ${dataDir}: "seedpod up" makes one.`);
}

const listening = (instance: Instance, { port, bindAddress }: Wishes): Pick<Instance, "port" | "bindAddress"> =>
  ({ port: port ?? instance.port, bindAddress: bindAddress ?? instance.bindAddress });

async function joined(wishes: ServerWishes, from: string): Promise<Instance> {
  const other = loadInstance(from);
  if (other === undefined) throw new UserError(`--join: there is no instance in ${from}. Name another server's data directory, or a copy of its instance.json and pki/.`);
  const etcd = typeof wishes.store === "object" ? wishes.store : other.etcd;
  if (etcd === undefined) throw new UserError(`--join: the instance in ${from} keeps its state in a file, which one server alone can use. Servers share etcd: see --store.`);
  const missing = sharedFiles.filter((name) => !existsSync(join(other.pkiDir, name)));
  if (missing.length > 0) throw new UserError(`--join: ${other.pkiDir} lacks ${missing.join(", ")}; the first server makes them when it starts.`);
  const { pkiDir } = instancePaths(wishes.dataDir);
  for (const name of sharedFiles) writePrivate(join(pkiDir, name), readFileSync(join(other.pkiDir, name), "utf8"));
  const { podCidr, serviceCidr } = other;
  return saveInstance(wishes.dataDir, { ...settingsOf(await newInstance(wishes)), podCidr, serviceCidr, etcd });
}
