import assert from "node:assert/strict";
import { test } from "node:test";
import { refuseLogOptions } from "./log-options.ts";

const cases = [
  { query: "follow=true&tailLines=0&limitBytes=1&sinceSeconds=1", want: undefined },
  { query: "stream=All&tailLines=3", want: undefined },
  { query: "stream=Stderr", want: undefined },
  { query: "tailLines=x", want: 'strconv.ParseInt: parsing "x": invalid syntax' },
  { query: "tailLines=-1", want: 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0' },
  { query: "limitBytes=0", want: 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0' },
  { query: "sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z", want: 'PodLogOptions "p" is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified' },
  { query: "stream=stderr", want: 'PodLogOptions "p" is invalid: stream: Unsupported value: "stderr": supported values: "All", "Stderr", "Stdout"' },
  { query: "stream=Stdout&tailLines=3", want: 'PodLogOptions "p" is invalid: : Forbidden: `tailLines` and specific `stream` are mutually exclusive for now' },
];
for (const { query, want } of cases) {
  test(`asked for ${query} a log is ${want === undefined ? "shown" : "refused"}`, () => {
    assert.equal(refusal(query), want);
  });
}

function refusal(query: string): string | undefined {
  try {
    refuseLogOptions(new URLSearchParams(query), "p");
    return undefined;
  } catch (err) {
    return err instanceof Error ? err.message : String(err);
  }
}
