import type { Connect } from "#apiserver/connect/connect.ts";

/** A way to nodes on which nobody is met, but their measurements are read. @param text as a kubelet's `/metrics/resource` has it */
export const measuredOnly = (text: () => string): Connect => ({ http: nobody, upgrade: nobody, kubeletText: async () => text() });

const nobody = (): Promise<never> => Promise.reject(new Error("nobody is there"));
