import type { ValidatingAdmissionPolicy } from "#api/gen/admissionregistration-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import { untilAborted, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import { oneAtATime } from "#base/passes.ts";
import { system } from "../../crd/system-writes.ts";
import { validatingAdmissionPolicies } from "../../registry/admissionregistration/validating-admission-policy.ts";
import { update } from "../../registry/generic.ts";
import { storagePrefix, type Registry } from "../../registry/registry.ts";
import { erase } from "../../registry/resource.ts";
import type { StorageDeps } from "../../registry/writes.ts";
import { typeCheck } from "./type-checking.ts";

const resource = erase(validatingAdmissionPolicies);

/**
 * Writes into each policy's status what is wrong with its expressions, once for each generation.
 * Upstream: pkg/controller/validatingadmissionpolicystatus
 */
export class PolicyStatus implements Component {
  readonly name = "validating-admission-policy-status";
  readonly #storage: StorageDeps;
  readonly #registry: Registry;
  readonly #log: Logger;

  constructor({ storage, registry, log }: { readonly storage: StorageDeps; readonly registry: Registry; readonly log: Logger }) {
    this.#storage = storage;
    this.#registry = registry;
    this.#log = log;
  }

  run = async (signal: AbortSignal): Promise<void> => {
    const ended = untilAborted(signal);
    await Promise.race([this.#storage.feed.loaded, ended]);
    if (signal.aborted) return;
    const follow = oneAtATime(() => this.#follow(signal));
    const stop = this.#storage.feed.cache(storagePrefix(resource)).onChange(() => void follow());
    void follow();
    await ended;
    stop();
  };

  async #follow(signal: AbortSignal): Promise<void> {
    const cache = this.#storage.feed.cache(storagePrefix(resource));
    for (const { name, shared } of cache.list(cache.prefix)) if (!signal.aborted && !isChecked(shared as ValidatingAdmissionPolicy)) await this.#check(name, signal);
  }

  async #check(name: string, signal: AbortSignal): Promise<void> {
    const next = (old: KubeObject | undefined): KubeObject => {
      const policy = old as ValidatingAdmissionPolicy;
      const expressionWarnings = [...typeCheck(policy, this.#registry.all)];
      policy.status = { ...policy.status, observedGeneration: policy.metadata.generation ?? 0, typeChecking: expressionWarnings.length === 0 ? {} : { expressionWarnings } };
      return policy;
    };
    try {
      await update(this.#storage, { resource, namespace: "", name }, { subresource: { name: "status", write: { type: "write", prepareUpdate: () => {} } }, next }, system);
    } catch (err) {
      if (isStatus(err, "NotFound") || signal.aborted) return;
      this.#log.warn({ err, policy: name }, "a policy's expressions could not be checked; its next change makes another attempt");
    }
  }
}

const isChecked = ({ metadata, status }: ValidatingAdmissionPolicy): boolean => status?.observedGeneration === metadata.generation && status?.typeChecking !== undefined;
