import type { CSIDriver, CSIDriverSpec, TokenRequest } from "#api/gen/storage-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, immutable, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";

const shortestToken = 600;
const longestToken = 2 ** 32;
const shortestPeriod = 10;
const modes: readonly string[] = ["Persistent", "Ephemeral"];
const groupPolicies: readonly string[] = ["File", "None", "ReadWriteOnceWithFSType"];

/** Upstream: pkg/apis/storage/v1 SetDefaults_CSIDriver */
function defaults({ spec }: CSIDriver): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
  if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

/** Upstream: pkg/apis/storage/validation validateCSIDriverSpec */
function validate({ spec }: CSIDriver): readonly Cause[] {
  const { fsGroupPolicy: policy, tokenRequests = [], volumeLifecycleModes = [], nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets: inSecrets } = spec;
  return [
    ...missing(spec),
    ...(policy === undefined || groupPolicies.includes(policy) ? [] : [notSupported("spec.fsGroupPolicy", policy, groupPolicies)]),
    ...tokenRequests.flatMap((request, i) => validateToken(request, tokenRequests.findIndex(({ audience }) => audience === request.audience) < i, `spec.tokenRequests[${i}]`)),
    ...volumeLifecycleModes.filter((mode) => !modes.includes(mode)).map((mode) => notSupported("spec.volumeLifecycleModes", mode, modes)),
    ...(period !== undefined && period < shortestPeriod ? [invalidValue("spec.nodeAllocatableUpdatePeriodSeconds", period, "must be greater than or equal to 10 seconds")] : []),
    ...(inSecrets !== undefined && tokenRequests.length === 0
      ? [invalidValue("spec.serviceAccountTokenInSecrets", inSecrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified")]
      : []),
  ];
}

const missing = (spec: CSIDriverSpec): readonly Cause[] => [
  ...(spec.attachRequired === undefined ? [required("spec.attachedRequired")] : []), // so misspelt upstream
  ...(["podInfoOnMount", "storageCapacity", "seLinuxMount"] as const).filter((field) => spec[field] === undefined).map((field) => required(`spec.${field}`)),
];

function validateToken({ audience, expirationSeconds: seconds }: TokenRequest, twice: boolean, field: string): readonly Cause[] {
  if (twice) return [duplicate(`${field}.audience`, audience)];
  if (seconds === undefined) return [];
  if (seconds < shortestToken) return [invalidValue(`${field}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes")];
  return seconds > longestToken ? [invalidValue(`${field}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds")] : [];
}

const columns: readonly Column<CSIDriver>[] = [
  nameColumn,
  { name: "AttachRequired", type: "boolean", description: "Whether volumes are attached to nodes before they are mounted.", cell: ({ spec }) => spec.attachRequired ?? true },
  { name: "PodInfoOnMount", type: "boolean", description: "Whether the driver learns of the pod.", cell: ({ spec }) => spec.podInfoOnMount ?? false },
  { name: "StorageCapacity", type: "boolean", description: "Whether the driver says how much room there is.", cell: ({ spec }) => spec.storageCapacity ?? false },
  {
    name: "TokenRequests", type: "string", description: "Audiences of the tokens that the driver gets.",
    cell: ({ spec: { tokenRequests } }) => (tokenRequests?.length ? tokenRequests.map(({ audience }) => audience).join(",") : "<unset>"),
  },
  { name: "RequiresRepublish", type: "boolean", description: "Whether volumes are mounted again now and then.", cell: ({ spec }) => spec.requiresRepublish ?? false },
  { name: "Modes", type: "string", description: "What sorts of volumes it has.", cell: ({ spec }) => spec.volumeLifecycleModes?.join(",") ?? "<none>" },
  ageColumn,
];

export const csiDrivers: Resource<CSIDriver> = {
  group: "storage.k8s.io", version: "v1", kind: "CSIDriver", schema: "storage/v1.CSIDriver", scope: "Cluster",
  names: { plural: "csidrivers", singular: "csidriver" },
  unconditionalUpdate: false,
  defaults,
  validate,
  validateUpdate: (next, old) => [
    ...immutable("spec.attachedRequired", next.spec.attachRequired, old.spec.attachRequired),
    ...immutable("spec.volumeLifecycleModes", next.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes),
  ],
  columns,
};
