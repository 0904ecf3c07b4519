/**
 * `authorizer.group('apps').resource('deployments').namespace('x').check('create').allowed()`.
 * An authorizer may take its time, an expression does not wait: a check whose answer is not known yet ends the run
 * with the question (`Outcome.interruption`); `runAsking` finds the answer and runs again.
 * A check costs so much that a run can ask twice at most. Upstream: apiserver/pkg/cel/library/authz.go
 */
import { Interrupted } from "../budget.ts";
import { flat } from "../call-costs.ts";
import { overload, type Overload } from "../declarations.ts";
import { CelError, Opaque, type Value } from "../values.ts";

/** What is asked of the authorizer. */
export interface AccessQuestion {
  readonly verb: string;
  /** Of a check of a path; empty otherwise. */
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
  /** Instead of the user of the request. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | undefined;
}
export interface AccessAnswer { readonly allowed: boolean; readonly reason: string; /** Why there is no decision. */ readonly error?: string }

/** Answers that are known, by `questionKey`. */
export type Answers = ReadonlyMap<string, AccessAnswer>;
export const questionKey = (question: AccessQuestion): string => JSON.stringify(question);

/** Ends a run that asks what nobody has answered yet. */
export class Unanswered extends Interrupted {
  readonly question: AccessQuestion;
  constructor(question: AccessQuestion) {
    super("an authorization check has not been answered");
    this.question = question;
  }
}

interface Check { readonly answers: Answers; readonly question: AccessQuestion }
const prefix = "kubernetes.authorization.";
export const authorizerType: string = `${prefix}Authorizer`;
const [authorizer, pathCheck, groupCheck, resourceCheck, decision] = ["Authorizer", "PathCheck", "GroupCheck", "ResourceCheck", "Decision"].map((name) => prefix + name) as [string, string, string, string, string];
export const resourceCheckType: string = resourceCheck;

const nothing: AccessQuestion = { verb: "", path: "", group: "", resource: "", subresource: "", namespace: "", name: "", fieldSelector: "", labelSelector: "", serviceAccount: undefined };

/** The value of the variable `authorizer`. */
export const authorizerOf = (answers: Answers): Opaque<Check> => new Opaque(authorizer, { answers, question: nothing });
/** The value of the variable `authorizer.requestResource`. */
export const requestResourceOf = (answers: Answers, of: Partial<AccessQuestion>): Opaque<Check> => new Opaque(resourceCheck, { answers, question: { ...nothing, ...of } });

const narrow = (kind: string, more: (value: string) => Partial<AccessQuestion>) => ({ payload }: Opaque<Check>, value: string): Value =>
  new Opaque(kind, { ...payload, question: { ...payload.question, ...more(value) } });

function check({ payload: { answers, question } }: Opaque<Check>, verb: string): Value {
  const asked = { ...question, verb };
  const answer = answers.get(questionKey(asked));
  if (answer === undefined) throw new Unanswered(asked);
  return new Opaque(decision, answer);
}

function path({ payload }: Opaque<Check>, text: string): Value {
  if (text === "") return new CelError("path must not be empty");
  return new Opaque(pathCheck, { ...payload, question: { ...payload.question, path: text } });
}
const serviceAccount = ({ payload }: Opaque<Check>, namespace: string, name: string): Value =>
  new Opaque(authorizer, { ...payload, question: { ...payload.question, serviceAccount: { namespace, name } } });

const one = flat(1);
/** Two checks and no more fit into a run. */
const checkCost = flat(350_000);
type Answer = Opaque<AccessAnswer>;

export const authorizationLibrary: readonly Overload[] = [
  overload(`${authorizer}.path(string) -> ${pathCheck}`, path, one),
  overload(`${authorizer}.group(string) -> ${groupCheck}`, narrow(groupCheck, (group) => ({ group })), one),
  overload(`${authorizer}.serviceAccount(string, string) -> ${authorizer}`, serviceAccount, one),
  overload(`${groupCheck}.resource(string) -> ${resourceCheck}`, narrow(resourceCheck, (resource) => ({ resource })), one),
  overload(`${resourceCheck}.subresource(string) -> ${resourceCheck}`, narrow(resourceCheck, (subresource) => ({ subresource })), one),
  overload(`${resourceCheck}.namespace(string) -> ${resourceCheck}`, narrow(resourceCheck, (namespace) => ({ namespace })), one),
  overload(`${resourceCheck}.name(string) -> ${resourceCheck}`, narrow(resourceCheck, (name) => ({ name })), one),
  overload(`${resourceCheck}.fieldSelector(string) -> ${resourceCheck}`, narrow(resourceCheck, (fieldSelector) => ({ fieldSelector })), one),
  overload(`${resourceCheck}.labelSelector(string) -> ${resourceCheck}`, narrow(resourceCheck, (labelSelector) => ({ labelSelector })), one),
  overload(`${pathCheck}.check(string) -> ${decision}`, check, checkCost),
  overload(`${resourceCheck}.check(string) -> ${decision}`, check, checkCost),
  overload(`${decision}.allowed() -> bool`, ({ payload }: Answer) => payload.allowed, one),
  overload(`${decision}.reason() -> string`, ({ payload }: Answer) => payload.reason, one),
  overload(`${decision}.errored() -> bool`, ({ payload }: Answer) => payload.error !== undefined, one),
  overload(`${decision}.error() -> string`, ({ payload }: Answer) => payload.error ?? "", one),
];
