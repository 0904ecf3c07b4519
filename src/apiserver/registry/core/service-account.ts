import type { ServiceAccount } from "#api/gen/core-v1.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

export const serviceAccounts: Resource<ServiceAccount> = {
  group: "", version: "v1", kind: "ServiceAccount", schema: "core/v1.ServiceAccount", scope: "Namespaced",
  names: { plural: "serviceaccounts", singular: "serviceaccount", short: ["sa"] },
  subresources: {
    token: { type: "action", group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", schema: "authentication/v1.TokenRequest", verbs: ["create"] },
  },
  columns: [
    nameColumn,
    { name: "Secrets", type: "string", description: "How many secrets pods of this account may use.", cell: ({ secrets }) => secrets?.length ?? 0 },
    ageColumn,
  ],
};
