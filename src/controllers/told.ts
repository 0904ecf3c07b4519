/** An Event to be written, as a plan says it. */
export interface Told { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string }

export const warning = (reason: string, message: string): Told => ({ type: "Warning", reason, message });
export const normal = (reason: string, message: string): Told => ({ type: "Normal", reason, message });
