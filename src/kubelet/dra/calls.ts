/** What drivers are asked, and whether their answers will do. Upstream: pkg/kubelet/cm/dra/manager.go prepareResources, unprepareResources */
import type { ClaimInfo } from "./claim-infos.ts";
import type { Claim } from "./gen/dra-v1.ts";

export interface DriverCall { readonly driver: string; readonly infos: readonly ClaimInfo[] }

/** One call for each driver that has a part in these claims. */
export function unprepareCalls(infos: readonly ClaimInfo[]): DriverCall[] {
  const names = new Set(infos.flatMap(({ drivers }) => Object.keys(drivers)));
  return [...names].map((driver) => ({ driver, infos: infos.filter(({ drivers }) => Object.hasOwn(drivers, driver)) }));
}

/** The driver's answer for each claim, by its uid. Rejects when one has failed, is missing or was not asked for. */
export async function answersOf<Answer extends { readonly error?: string }>(method: string, infos: readonly ClaimInfo[], call: (claims: readonly Claim[]) => Promise<Readonly<Record<string, Answer>>>): Promise<Readonly<Record<string, Answer>>> {
  const answers = await call(infos.map(({ namespace, name, uid }) => ({ namespace, name, uid }))).catch((err: unknown) => {
    throw new Error(`${method}: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
  });
  for (const [uid, { error = "" }] of Object.entries(answers)) {
    const asked = infos.find((info) => info.uid === uid);
    if (asked === undefined) throw new Error(`${method} returned result for unknown claim UID ${uid}`);
    if (error !== "") throw new Error(`${method} failed for ResourceClaim ${asked.name}: ${error}`);
  }
  const skipped = infos.length - Object.keys(answers).length;
  if (skipped > 0) throw new Error(`${method} skipped ${skipped} ResourceClaims`);
  return answers;
}
