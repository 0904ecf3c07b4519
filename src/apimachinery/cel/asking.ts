/** Runs a program that may ask an authorizer, which answers when it can. */
import type { Activation } from "./frame.ts";
import { questionKey, Unanswered, type AccessAnswer, type AccessQuestion, type Answers } from "./library/authorization.ts";
import type { Outcome, Program } from "./program.ts";

export type Decide = (question: AccessQuestion) => Promise<AccessAnswer>;

/** What has been asked for one request: the same question is asked once, by however many expressions. */
export class AccessLog {
  readonly #answers = new Map<string, AccessAnswer>();
  readonly #decide: Decide;
  constructor(decide: Decide) {
    this.#decide = decide;
  }
  get answers(): Answers { return this.#answers; }
  async answer(question: AccessQuestion): Promise<void> {
    this.#answers.set(questionKey(question), await this.#decide(question));
  }
}

/** @param activation whose `authorizer` reads `log.answers` */
export async function runAsking(program: Program, activation: Activation, log: AccessLog, budget?: number): Promise<Outcome> {
  for (;;) {
    const outcome = program.run(activation, budget);
    if (outcome.ok || !(outcome.interruption instanceof Unanswered)) return outcome;
    await log.answer(outcome.interruption.question);
  }
}
