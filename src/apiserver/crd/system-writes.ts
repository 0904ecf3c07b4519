import type { WriteContext } from "../registry/writes.ts";

/** Writes that the server makes of its own. */
export const system: WriteContext = {
  user: { name: "system:apiserver", groups: ["system:masters"] }, dryRun: false, fieldManager: "kube-apiserver",
  warn: () => {},
};
