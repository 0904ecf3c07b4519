import { Option } from "commander";

export interface OutputOptions { readonly output?: "json" }

/** `-o json`, for whatever lists something. */
export const outputOption = (): Option => new Option("-o, --output <format>", "print for programs instead of people").choices(["json"]);
