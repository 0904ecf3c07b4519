/** The functions that every expression in Kubernetes may call. Upstream: apiserver/pkg/cel/environment/base.go */
import { functionTable, type FunctionTable } from "../declarations.ts";
import { conditionals } from "./conditionals.ts";
import { conversionLibrary } from "./conversions.ts";
import { listLibrary, setLibrary } from "./lists.ts";
import { operators } from "./operators.ts";
import { optionalLibrary } from "./optionals.ts";
import { regexLibrary } from "./regex.ts";
import { stringLibrary } from "./strings.ts";

export const standardFunctions: FunctionTable = functionTable(conditionals, operators, conversionLibrary, stringLibrary, regexLibrary, listLibrary, setLibrary, optionalLibrary);
