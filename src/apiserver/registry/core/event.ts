import type { Event, EventSource } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { nameColumn, since } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";

/** The namespace of what an event is about. Upstream: pkg/apis/core/validation legacyValidateEvent */
function validateNamespace(event: Event): readonly Cause[] {
  const about = event.involvedObject.namespace ?? "";
  const own = event.metadata.namespace ?? "";
  const homes = event.eventTime === undefined ? ["", "default"] : ["", "default", "kube-system"];
  if (about === "" ? homes.includes(own) : about === own) return [];
  return [invalidValue("involvedObject.namespace", about, "does not match event.namespace")];
}

const atMost = (field: string, value: string | undefined, max: number): readonly Cause[] =>
  ((value ?? "").length > max ? [invalidValue(field, "", `can have at most ${max} characters`)] : []);
const present = (field: string, value: string | undefined): readonly Cause[] => (value ? [] : [required(field)]);

/** Events of the newer API, which say when exactly they happened. @param reporter the name of the reporter's field in the request's version */
function validateNewStyle(event: Event, reporter: string): readonly Cause[] {
  return [
    ...(event.reportingComponent ? eachInvalid(reporter, event.reportingComponent, qualifiedName(event.reportingComponent)) : [required(reporter)]),
    ...present("reportingInstance", event.reportingInstance), ...atMost("reportingInstance", event.reportingInstance, 128),
    ...present("action", event.action), ...atMost("action", event.action, 128),
    ...present("reason", event.reason), ...atMost("reason", event.reason, 128),
    ...atMost("message", event.message, 1024),
  ];
}

export const validateEvent = (event: Event, reporter = "reportingComponent"): readonly Cause[] =>
  [...validateNamespace(event), ...(event.eventTime === undefined ? [] : validateNewStyle(event, reporter))];

function sourceText(source: EventSource | undefined, reporter: string | undefined, instance: string | undefined): string {
  const component = source?.component ?? reporter ?? "";
  const host = source?.host ?? (source?.component ? undefined : instance);
  return host ? `${component}, ${host}` : component;
}

const firstSeen = (event: Event, now: number): string => since(event.firstTimestamp ?? event.eventTime, now);
function lastSeen(event: Event, now: number): string {
  if (event.series !== undefined) return since(event.series.lastObservedTime, now);
  return event.lastTimestamp === undefined ? firstSeen(event, now) : since(event.lastTimestamp, now);
}

const objectText = ({ involvedObject: { kind = "", name } }: Event): string => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase());

/** Upstream: pkg/printers/internalversion printEvent */
export const eventColumns: readonly Column<Event>[] = [
  { name: "Last Seen", type: "string", description: "When it happened last.", cell: lastSeen },
  { name: "Type", type: "string", description: "Normal or Warning.", cell: (e) => e.type ?? "" },
  { name: "Reason", type: "string", description: "Why it happened, in one word.", cell: (e) => e.reason ?? "" },
  { name: "Object", type: "string", description: "What it is about.", cell: objectText },
  { name: "Subobject", type: "string", wide: true, description: "The part of the object it is about.", cell: (e) => e.involvedObject.fieldPath ?? "" },
  { name: "Source", type: "string", wide: true, description: "Who reported it.", cell: (e) => sourceText(e.source, e.reportingComponent, e.reportingInstance) },
  { name: "Message", type: "string", description: "What happened.", cell: (e) => (e.message ?? "").trim() },
  { name: "First Seen", type: "string", wide: true, description: "When it happened first.", cell: firstSeen },
  { name: "Count", type: "string", wide: true, description: "How often it happened.", cell: (e) => e.series?.count ?? (e.count || 1) },
  { ...nameColumn, wide: true },
];

const about = (field: "kind" | "namespace" | "name" | "uid" | "apiVersion" | "resourceVersion" | "fieldPath") => (e: Event): string => e.involvedObject[field] ?? "";

/** Upstream: pkg/registry/core/event ToSelectableFields */
export const eventFields: Readonly<Record<string, (event: Event) => string>> = {
  "involvedObject.kind": about("kind"), "involvedObject.namespace": about("namespace"), "involvedObject.name": about("name"), "involvedObject.uid": about("uid"),
  "involvedObject.apiVersion": about("apiVersion"), "involvedObject.resourceVersion": about("resourceVersion"), "involvedObject.fieldPath": about("fieldPath"),
  reason: (e) => e.reason ?? "",
  reportingComponent: (e) => e.reportingComponent ?? "",
  source: (e) => e.source?.component || e.reportingComponent || "",
  type: (e) => e.type ?? "",
};

export const events: Resource<Event> = {
  group: "", version: "v1", kind: "Event", schema: "core/v1.Event", scope: "Namespaced",
  names: { plural: "events", singular: "event", short: ["ev"] },
  createOnUpdate: true,
  validate: (event) => validateEvent(event),
  selectableFields: eventFields,
  columns: eventColumns,
};
