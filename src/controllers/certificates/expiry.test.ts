import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import { timestamp } from "#apimachinery/time.ts";
import { newCa } from "#base/pki.ts";
import { isStale } from "./expiry.ts";

const now = Date.parse("2026-01-10T00:00:00Z");
const hour = 3_600_000;
const valid = Buffer.from(newCa("x", now - 5 * hour, 1).cert).toString("base64");
const ended = Buffer.from(newCa("x", now - 48 * hour, 1).cert).toString("base64");
const request = (ageHours: number, type?: "Approved" | "Denied" | "Failed", certificate?: string): CertificateSigningRequest => ({
  metadata: { name: "r", creationTimestamp: timestamp(now - ageHours * hour) }, spec: { request: "", signerName: "s" },
  status: { ...(type && { conditions: [{ type, status: "True", lastUpdateTime: timestamp(now - ageHours * hour) }] }), ...(certificate && { certificate }) },
}) as CertificateSigningRequest;

// Upstream: pkg/controller/certificates/cleaner/cleaner_test.go
const cases: readonly [name: string, CertificateSigningRequest, boolean][] = [
  ["pending for a day", request(23), false], ["pending for longer", request(25), true],
  ["denied lately", request(0.5, "Denied"), false], ["denied long ago", request(2, "Denied"), true], ["failed long ago", request(2, "Failed"), true],
  ["approved long ago, never signed", request(2, "Approved"), false], ["signed lately", request(0.5, "Approved", valid), false], ["signed long ago", request(2, "Approved", valid), true],
  ["signed lately for a time that is over", request(0.5, "Approved", ended), true], ["signed with no certificate", request(0.5, "Approved", "eA=="), false],
];
for (const [name, of, want] of cases) test(`a request ${name} ${want ? "goes" : "stays"}`, () => assert.equal(isStale(of, now), want));
