import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTime } from "./next.ts";
import { parseSchedule } from "./parse.ts";

// Upstream: github.com/robfig/cron/v3 parser_test.go
const refused: readonly (readonly [schedule: string, problem: string])[] = [
  ["", "empty spec string"],
  ["error", "expected exactly 5 fields, found 1: [error]"],
  ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
  ["60 * * * *", "end of range (60) above maximum (59): 60"],
  ["* * * * 7", "end of range (7) above maximum (6): 7"],
  ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
  ["5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3"],
  ["*/0 * * * *", "step of range should be a positive number: */0"],
  ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
  ["*/2/3 * * * *", "too many slashes: */2/3"],
  ["a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ["@sometimes", "unrecognized descriptor: @sometimes"],
  ["@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ["TZ=Mars/Base 0 0 * * *", "provided bad location Mars/Base: unknown time zone Mars/Base"],
];
for (const [schedule, problem] of refused) test(`"${schedule}" is no schedule`, () => assert.deepEqual(parseSchedule(schedule), { ok: false, problem }));

// Upstream: github.com/robfig/cron/v3 spec_test.go TestNext
const times: readonly (readonly [after: string, schedule: string, next: string, zone?: string])[] = [
  ["2012-07-09T14:45:00Z", "0/15 * * * *", "2012-07-09T15:00:00Z"],
  ["2012-07-09T14:59:59Z", "0/15 * * * *", "2012-07-09T15:00:00Z"],
  ["2012-07-09T15:45:00Z", "20-35/15 * * * *", "2012-07-09T16:20:00Z"],
  ["2012-07-09T23:35:00Z", "*/15 * * * *", "2012-07-09T23:45:00Z"],
  ["2012-07-09T23:46:00Z", "*/15 * * * *", "2012-07-10T00:00:00Z"],
  ["2012-07-09T23:35:00Z", "0 0 */5 Apr,Aug,Oct Mon", "2012-08-01T00:00:00Z"],
  ["2012-12-31T23:59:45Z", "* * * * *", "2013-01-01T00:00:00Z"],
  ["2012-07-09T23:35:00Z", "0 0 29 Feb ?", "2016-02-29T00:00:00Z"],
  ["2012-03-11T00:00:00-05:00", "30 2 11 Mar ?", "2013-03-11T02:30:00-04:00", "America/New_York"],
  ["2012-11-04T00:00:00-04:00", "0 1 * * *", "2012-11-04T01:00:00-04:00", "America/New_York"],
  ["2018-11-03T12:00:00-03:00", "0 9 10 Nov ?", "2018-11-10T09:00:00-02:00", "America/Sao_Paulo"],
  ["2012-07-09T14:45:00Z", "TZ=Asia/Tokyo 0 0 * * *", "2012-07-09T15:00:00Z"],
  ["2012-07-09T14:45:00Z", "@hourly", "2012-07-09T15:00:00Z"],
  ["2012-07-09T14:45:00Z", "@every 1h30m", "2012-07-09T16:15:00Z"],
];
for (const [after, schedule, next, zone = "UTC"] of times) {
  test(`${schedule} comes after ${after} at ${next}`, () => {
    const parsed = parseSchedule(schedule);
    assert(parsed.ok);
    assert.equal(new Date(nextTime(parsed.schedule, Date.parse(after), zone) ?? 0).toISOString(), new Date(next).toISOString());
  });
}

test("the thirtieth of February never comes", () => {
  const parsed = parseSchedule("0 0 30 Feb ?");
  assert(parsed.ok);
  assert.equal(nextTime(parsed.schedule, 0, "UTC"), undefined);
});

// both walks of the hour that comes twice are runs, as upstream; the hour that does not come is none
const nights: readonly (readonly [after: string, next: string])[] = [
  ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"], ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"], ["2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"],
  ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"],
];
for (const [after, next] of nights) {
  test(`half past two in Berlin comes after ${after} at ${next}`, () => {
    const parsed = parseSchedule("30 2 * * *");
    assert(parsed.ok);
    assert.equal(new Date(nextTime(parsed.schedule, Date.parse(after), "Europe/Berlin") ?? 0).toISOString(), new Date(next).toISOString());
  });
}
