/** The functions that every expression in Kubernetes may call. Upstream: apiserver/pkg/cel/environment/base.go */
import { functionTable, type FunctionTable } from "../declarations.ts";
import { authorizationLibrary } from "./authorization.ts";
import { conditionals } from "./conditionals.ts";
import { conversionLibrary } from "./conversions.ts";
import { formatLibrary } from "./formats.ts";
import { jsonPatchLibrary } from "./json-patch.ts";
import { listLibrary, setLibrary } from "./lists.ts";
import { mathLibrary } from "./math.ts";
import { networkLibrary } from "./networks.ts";
import { operators } from "./operators.ts";
import { optionalLibrary } from "./optionals.ts";
import { quantityLibrary } from "./quantities.ts";
import { regexLibrary } from "./regex.ts";
import { semverLibrary } from "./semvers.ts";
import { stringLibrary } from "./strings.ts";
import { urlLibrary } from "./urls.ts";

export const standardFunctions: FunctionTable = functionTable(
  conditionals, operators, conversionLibrary, stringLibrary, regexLibrary, listLibrary, setLibrary, mathLibrary, optionalLibrary,
  quantityLibrary, networkLibrary, urlLibrary, semverLibrary, formatLibrary, jsonPatchLibrary, authorizationLibrary,
);
