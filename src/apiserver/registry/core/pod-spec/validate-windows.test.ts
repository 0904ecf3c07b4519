import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodSpec, WindowsSecurityContextOptions } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { validateHostProcess, validateWindowsOptions } from "./validate-windows.ts";

const texts = (causes: readonly Cause[]): string[] => causes.map(({ field, message }) => `${field}: ${message}`);
const format = "runAsUserName's Domain doesn't match the NetBios nor the DNS format";

const users: readonly [name: string, ...problems: string[]][] = [
  ["ContainerUser"],
  ["NT AUTHORITY\\SYSTEM"],
  ["example.com\\bob"],
  ["", "runAsUserName cannot be an empty string"],
  ["a\tb", "runAsUserName cannot contain control characters"],
  ["a\\b\\c", "runAsUserName cannot contain more than one backslash"],
  ["\\bob", format],
  [".dot\\bob", format],
  [`${"d".repeat(256)}\\bob`, "runAsUserName's Domain length must be under 256 characters", format],
  ["domain\\", "runAsUserName's User cannot be empty"],
  ["u".repeat(105), "runAsUserName's User length must not be longer than 104 characters"],
  [". .", "runAsUserName's User cannot contain only periods or spaces"],
  ["bob@example.com", `runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`],
];
for (const [runAsUserName, ...problems] of users)
  test(`the user ${JSON.stringify(runAsUserName.slice(0, 20))}`, () => assert.deepEqual(validateWindowsOptions({ runAsUserName }, "w").map(({ message }) => message.slice(message.lastIndexOf('": ') + 3)), problems));

const options: readonly [name: string, options: WindowsSecurityContextOptions | undefined, ...want: string[]][] = [
  ["none", undefined],
  ["no credentials", { gmsaCredentialSpec: "" }, 'w.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string'],
  ["a name that no object has", { gmsaCredentialSpecName: "A", gmsaCredentialSpec: "{}" }, `w.gmsaCredentialSpecName: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`],
];
for (const [name, given, ...want] of options) test(`Windows options: ${name}`, () => assert.deepEqual(texts(validateWindowsOptions(given, "w")), want));

const host = (hostProcess: boolean): object => ({ securityContext: { windowsOptions: { hostProcess } } });
const all = "spec: Invalid value: \"\": If pod contains any hostProcess containers then all containers must be HostProcess containers";
const network = "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers";
const specs: readonly [name: string, spec: object, ...want: string[]][] = [
  ["none", { containers: [{}] }],
  ["all, by the pod", { ...host(true), hostNetwork: true, containers: [{}], initContainers: [{}] }],
  ["one of two, without the network", { containers: [host(true), {}] }, all, network],
  ["another than the pod", { ...host(true), hostNetwork: true, containers: [host(false)] }, "spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true"],
];
for (const [name, spec, ...want] of specs) test(`processes of the host: ${name}`, () => assert.deepEqual(texts(validateHostProcess(spec as PodSpec, "spec")), want));
