import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from "#api/gen/autoscaling-v2.ts";
import { horizontalPodAutoscalers, pods } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { compute } from "./compute.ts";
import { KindMap } from "./kind-map.ts";
import { firstHistory, type History } from "./limits.ts";
import { MetricsReader } from "./metrics-reader.ts";
import { planByMetrics, planOutOfBounds, withoutScale, type Plan, type State } from "./plan.ts";
import { readTarget, type Target } from "./scale-target.ts";
import { Selection, type Selected } from "./selection.ts";
import { defaultAutoscaling, type AutoscalerSettings } from "./settings.ts";

/** Keeps what it scales at the number of replicas that the metrics ask for. Key: the autoscaler. */
export function horizontalPodAutoscalerController(deps: ControllerDeps, given: Partial<AutoscalerSettings> = {}): Component {
  const settings = { ...defaultAutoscaling, ...given };
  const { periodMs } = settings;
  const { steady = deps.clock } = deps;
  const autoscalers = deps.informers.for(horizontalPodAutoscalers);
  const podCache = deps.informers.for(pods);
  const due = new Map<string, number>();
  return newController(deps, (client) => {
    const hand = new Hand(client, { ...deps, steady }, settings, new Selection(podCache));
    return {
      sources: [source(horizontalPodAutoscalers, autoscalers, (hpa) => [keyOf(hpa)]), source(pods, podCache, () => [])],
      reconciler: {
        name: "horizontal-pod-autoscaler",
        async reconcile(key, signal) {
          const hpa = autoscalers.get(key);
          if (hpa === undefined) {
            due.delete(key);
            return hand.forget(key);
          }
          const now = steady.now();
          const wait = (due.get(key) ?? now) - now;
          if (wait > 0) return { afterMs: wait };
          due.set(key, now + periodMs);
          await hand.scale(hpa, signal);
          return { afterMs: periodMs };
        },
      },
    };
  });
}

class Hand {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #events: EventRecorder;
  readonly #settings: AutoscalerSettings;
  readonly #selection: Selection;
  readonly #kinds: KindMap;
  readonly #metrics: MetricsReader;
  readonly #histories = new Map<string, History>();

  constructor(client: Client, { clock, steady, events }: Pick<Required<ControllerDeps>, "clock" | "steady" | "events">, settings: AutoscalerSettings, selection: Selection) {
    this.#client = client;
    this.#clock = clock;
    this.#events = events("horizontal-pod-autoscaler");
    this.#settings = settings;
    this.#selection = selection;
    this.#kinds = new KindMap(client, steady);
    this.#metrics = new MetricsReader(client, this.#kinds);
  }

  forget(key: string): void {
    this.#histories.delete(key);
    this.#selection.forget(key);
  }

  async scale(hpa: HorizontalPodAutoscaler, signal: AbortSignal): Promise<void> {
    const target = await this.#target(hpa, signal);
    if (target === undefined) return;
    const { scale } = target;
    const now = this.#clock.now();
    const history = this.#histories.get(keyOf(hpa)) ?? firstHistory(scale.spec.replicas ?? 0, now);
    const state: State = { hpa, scale, history, now, settings: this.#settings };
    await this.#carryOut(hpa, planOutOfBounds(state) ?? (await this.#byMetrics(state, signal)), target, signal);
  }

  async #target(hpa: HorizontalPodAutoscaler, signal: AbortSignal): Promise<Target | undefined> {
    try {
      return await readTarget(this.#client, this.#kinds, hpa, signal);
    } catch (err) {
      if (signal.aborted) throw err;
      const why = messageOf(err);
      this.#events.event(hpa, "Warning", "FailedGetScale", why);
      await this.#save(hpa, withoutScale(hpa, why, this.#clock.now()), signal);
      return undefined;
    }
  }

  async #byMetrics(state: State, signal: AbortSignal): Promise<Plan> {
    const { hpa, scale } = state;
    const selected: Selected = this.#selection.of(hpa, scale.status.selector ?? "");
    if (!selected.ok) return planByMetrics(state, selected.none);
    const whose = { namespace: hpa.metadata.namespace ?? "", selector: selected.selector };
    const readings = await Promise.all((hpa.spec.metrics ?? []).map((metric) => this.#metrics.read(metric, whose, signal)));
    return planByMetrics(state, compute({ hpa, scale, pods: selected.pods, readings, now: this.#clock.now(), settings: this.#settings }));
  }

  async #carryOut(hpa: HorizontalPodAutoscaler, plan: Plan, target: Target, signal: AbortSignal): Promise<void> {
    this.#histories.set(keyOf(hpa), plan.history);
    for (const { type, reason, message } of plan.events) this.#events.event(hpa, type, reason, message);
    await this.#save(hpa, plan.rescale === undefined ? plan.status : await this.#rescale(hpa, plan, plan.rescale, target, signal), signal);
  }

  async #rescale(hpa: HorizontalPodAutoscaler, { status }: Plan, { replicas, reason, history, failed }: NonNullable<Plan["rescale"]>, target: Target, signal: AbortSignal): Promise<HorizontalPodAutoscalerStatus> {
    try {
      await target.write(replicas, signal);
    } catch (err) {
      if (signal.aborted) throw err;
      const why = messageOf(err);
      this.#events.event(hpa, "Warning", "FailedRescale", `New size: ${replicas}; reason: ${reason}; error: ${why}`);
      return failed(why);
    }
    this.#histories.set(keyOf(hpa), history);
    this.#events.event(hpa, "Normal", "SuccessfulRescale", `New size: ${replicas}; reason: ${reason}`);
    return status;
  }

  async #save(hpa: HorizontalPodAutoscaler, status: HorizontalPodAutoscalerStatus, signal: AbortSignal): Promise<void> {
    if (semanticEqual(hpa.status, status)) return;
    await this.#client.resource(horizontalPodAutoscalers).update({ ...hpa, status }, { subresource: "status", signal }).then(() => undefined, ignore("NotFound", "Conflict"));
  }
}
