import { pods } from "#api/resources.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { Placement } from "./cycle.ts";
import type { Rejection } from "./framework.ts";
import { Limiter } from "./limiter.ts";

/** Bindings on their way to the API server at once. */
const bindingsAtOnce = 64;

/** Carries a placement out: permission, preparation outside, and the binding itself. It may wait; the next pod does not. */
export class Binder {
  readonly #client: Client;
  readonly #requests = new Limiter(bindingsAtOnce);

  constructor(client: Client) {
    this.#client = client;
  }

  /** Resolves when the API server has bound the pod; a plugin's refusal is an answer. Throws when something failed. */
  async bind({ pod, node, run }: Placement, signal: AbortSignal): Promise<Rejection | undefined> {
    for (const { plugin } of run.active) {
      const rejection = await plugin.permit?.(pod, node, signal);
      if (rejection !== undefined) return rejection;
    }
    for (const { plugin, state } of run.active) {
      try {
        await plugin.preBind?.(pod, node, state, signal);
      } catch (cause) {
        throw new Error(`running PreBind plugin "${plugin.name}": ${messageOf(cause)}`, { cause });
      }
    }
    await this.#requests.run(() => this.#post(pod.pod.metadata, node, signal));
    return undefined;
  }

  async #post({ name, namespace, uid }: Placement["pod"]["pod"]["metadata"], node: string, signal: AbortSignal): Promise<void> {
    const binding = { kind: "Binding", apiVersion: "v1", metadata: { name, namespace, uid }, target: { kind: "Node", name: node } };
    try {
      await this.#client.resource(pods).createSubresource(name, namespace, "binding", binding, signal);
    } catch (cause) {
      throw new Error(`binding rejected: ${messageOf(cause)}`, { cause });
    }
  }
}
