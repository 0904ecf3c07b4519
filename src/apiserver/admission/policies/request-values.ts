/** The variables of one request, as expressions see them. Upstream: apiserver/pkg/admission/plugin/cel/activation.go, condition.go */
import { namespaces } from "#api/resources.ts";
import { accountGroups, accountUser } from "#api/service-account.ts";
import { AccessLog } from "#apimachinery/cel/asking.ts";
import type { Activation } from "#apimachinery/cel/frame.ts";
import { fromJson } from "#apimachinery/cel/json-values.ts";
import { authorizerOf, requestResourceOf, type AccessQuestion } from "#apimachinery/cel/library/authorization.ts";
import type { Value } from "#apimachinery/cel/values.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { messageOf } from "#base/error-message.ts";
import type { Identity } from "#base/http.ts";
import type { Authorizer, AuthorizationRequest } from "../../authz/authorizer.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { namespaceBinding, requestBinding } from "./environment.ts";

export interface RequestValues {
  readonly log: AccessLog;
  /** All variables but those of the policy itself. */
  activation(params: KubeObject | undefined): Activation;
}

export async function requestValues(attributes: AdmissionAttributes, object: KubeObject | undefined, authorizer: Authorizer): Promise<RequestValues> {
  const { resource, namespace, reader, oldObject } = attributes;
  const log = new AccessLog((question) => answer(authorizer, attributes.user, question));
  const inNamespace = namespace !== "" && !(resource.group === "" && resource.kind === "Namespace");
  const space = inNamespace ? await reader.get(namespaces, namespace) : undefined;
  const typed = (one: KubeObject | undefined): Value => (one === undefined ? null : fromJson({ apiVersion: groupVersion(resource), kind: resource.kind, ...one }));
  const values: Readonly<Record<string, () => Value>> = {
    object: () => typed(object),
    oldObject: () => typed(oldObject),
    request: () => requestBinding.read(requestJson(attributes)),
    namespaceObject: () => (space === undefined ? null : namespaceBinding.read(space)),
    authorizer: () => authorizerOf(log.answers),
    "authorizer.requestResource": () => requestResourceOf(log.answers, ownResource(attributes)),
  };
  return { log, activation: (params) => (name) => (name === "params" ? fromJson(params ?? null) : Object.hasOwn(values, name) ? values[name]?.() : undefined) };
}

const groupVersion = ({ group, version }: { readonly group: string; readonly version: string }): string => (group === "" ? version : `${group}/${version}`);
const ownResource = ({ resource, subresource, namespace, name }: AdmissionAttributes): Partial<AccessQuestion> => ({ group: resource.group, resource: resource.names.plural, subresource, namespace, name });

/** What a write's options are; a connection has none. */
const optionKinds: Readonly<Partial<Record<AdmissionAttributes["operation"], string>>> = { CREATE: "CreateOptions", UPDATE: "UpdateOptions", DELETE: "DeleteOptions" };

/** Upstream: CreateAdmissionRequest */
function requestJson({ resource, subresource, namespace, name, operation, user, dryRun, options }: AdmissionAttributes): Record<string, unknown> {
  const kind = { group: resource.group, version: resource.version, kind: resource.kind };
  const gvr = { group: resource.group, version: resource.version, resource: resource.names.plural };
  return {
    kind, resource: gvr, subResource: subresource, requestKind: kind, requestResource: gvr, requestSubResource: subresource, name, namespace, operation, dryRun,
    options: operation in optionKinds ? { kind: optionKinds[operation], apiVersion: "meta.k8s.io/v1", ...options() } : null,
    userInfo: { username: user.name, uid: user.uid ?? "", groups: user.groups, extra: user.extra ?? {} },
  };
}

async function answer(authorizer: Authorizer, user: Identity, question: AccessQuestion): Promise<{ readonly allowed: boolean; readonly reason: string; readonly error?: string }> {
  try {
    return await authorizer.authorize(authorizationRequest(user, question));
  } catch (err) {
    return { allowed: false, reason: "", error: messageOf(err) };
  }
}

function authorizationRequest(user: Identity, { verb, path, group, resource, subresource, namespace, name, fieldSelector, serviceAccount }: AccessQuestion): AuthorizationRequest {
  const who: Identity = serviceAccount === undefined ? user : {
    name: accountUser(serviceAccount.namespace, serviceAccount.name),
    groups: [...accountGroups(serviceAccount.namespace), "system:authenticated"],
  };
  if (path !== "") return { user: who, verb, path };
  return { user: who, verb, group, version: "*", resource, subresource, namespace, name, ...(fieldSelector === "" ? {} : { fieldSelector }) };
}
