import type * as core from "#api/gen/core-v1.ts";
import type { Event } from "#api/gen/events-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, required } from "#apimachinery/validation/causes.ts";
import { given } from "../common/given.ts";
import { eventColumns, eventFields, validateEvent } from "../core/event.ts";
import type { Resource } from "../resource.ts";

/** The same event as the core group knows it, which is how it is stored. Upstream: pkg/apis/events/v1 conversion */
export function toCore(event: Event): core.Event {
  const { metadata, eventTime, series, reportingInstance, action, reason, related, type } = event;
  return given({
    kind: "Event", apiVersion: "v1", metadata, involvedObject: event.regarding ?? {}, reason, message: event.note, source: event.deprecatedSource ?? {},
    firstTimestamp: event.deprecatedFirstTimestamp, lastTimestamp: event.deprecatedLastTimestamp, count: event.deprecatedCount, type, eventTime,
    series, action, related, reportingComponent: event.reportingController ?? "", reportingInstance: reportingInstance ?? "",
  }) as core.Event;
}

/** The other way round. */
export function fromCore(event: core.Event): Event {
  const { metadata, eventTime, series, reportingInstance, action, reason, related, type } = event;
  return given({
    kind: "Event", apiVersion: "events.k8s.io/v1", metadata, eventTime: eventTime ?? null, series, reportingController: event.reportingComponent, reportingInstance,
    action, reason, regarding: event.involvedObject, related, note: event.message, type, deprecatedSource: event.source,
    deprecatedFirstTimestamp: event.firstTimestamp, deprecatedLastTimestamp: event.lastTimestamp, deprecatedCount: event.count,
  }) as unknown as Event;
}

const unset = (field: string, value: unknown): readonly Cause[] => (value ? [invalidValue(field, "", "needs to be unset")] : []);

/** Upstream: pkg/apis/core/validation ValidateEventCreate for events.k8s.io/v1 */
function validate(event: Event): readonly Cause[] {
  const stored = toCore(event);
  const known = event.type === "Normal" || event.type === "Warning";
  return [
    ...validateEvent(stored, "reportingController"),
    ...(event.eventTime ? [] : [required("eventTime")]),
    ...(known ? [] : [invalidValue("type", "", `has invalid value: ${event.type ?? ""}`)]),
    ...unset("firstTimestamp", event.deprecatedFirstTimestamp), ...unset("lastTimestamp", event.deprecatedLastTimestamp), ...unset("count", event.deprecatedCount),
    ...unset("source", event.deprecatedSource?.component || event.deprecatedSource?.host),
  ];
}

const overCore = Object.fromEntries(Object.entries(eventFields).flatMap(([name, read]) => {
  const field = name.replace("involvedObject.", "regarding.").replace("reportingComponent", "reportingController");
  return [name, field].map((key) => [key, (event: Event): string => read(toCore(event))]);
})) as Readonly<Record<string, (event: Event) => string>>;

export const eventsV1: Resource<Event> = {
  group: "events.k8s.io", version: "v1", kind: "Event", schema: "events/v1.Event", scope: "Namespaced",
  names: { plural: "events", singular: "event", short: ["ev"] },
  createOnUpdate: true,
  validate,
  selectableFields: overCore,
  columns: eventColumns.map((column) => ({ ...column, cell: (event, now) => column.cell(toCore(event), now) })),
  storedAs: { group: "", version: "v1", plural: "events", to: (event) => toCore(event), from: (stored) => fromCore(stored as core.Event) },
};
