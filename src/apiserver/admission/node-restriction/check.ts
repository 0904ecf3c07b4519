import type { KubeObject } from "#apimachinery/meta.ts";
import type { AdmissionAttributes } from "../attributes.ts";

/** What a node named `self` may not write; throws the refusal. */
export type Check = (attributes: AdmissionAttributes, self: string, object: KubeObject | undefined) => Promise<void> | void;
