import assert from "node:assert/strict";
import { test } from "node:test";
import { containerdConfig, type ContainerdSettings } from "./config.ts";
import { hasCapSysResource } from "./host.ts";
import { warningsOf } from "./versions.ts";

const settings: ContainerdSettings = {
  root: "/d/root", state: "/d/state", socket: "/d/c.sock", runcRoot: "/d/runc", cniBinDir: "/usr/lib/cni", cniConfDir: "/d/cni", registryHostsDir: "/d/certs.d",
  sandboxImage: "seedpod.local/pause:1", snapshotter: "overlayfs", restrictOomScoreAdj: true,
};

test("containerd 1.x gets configuration version 2, 2.x version 3, each with every setting", () => {
  for (const [major, version] of [[1, 2], [2, 3]] as const) {
    const text = containerdConfig(settings, major);
    assert.match(text, new RegExp(`^version = ${version}$`, "m"));
    for (const value of ["/d/root", "/d/state", "/d/c.sock", "/d/runc", "/usr/lib/cni", "/d/cni", "/d/certs.d", "seedpod.local/pause:1", "overlayfs"]) assert.ok(text.includes(`"${value}"`), value);
    assert.match(text, /^restrict_oom_score_adj = true$/m);
  }
});

test("a path with a quote stays one string", () => {
  assert.match(containerdConfig({ ...settings, root: '/d/a"b' }, 1), /^root = "\/d\/a\\"b"$/m);
});

test("row 37: old programs are warned of, patched and new ones are not", () => {
  const cases: readonly [string, "containerd" | "runc", string, string, string[]][] = [
    ["old runc", "runc", "1.1.5", "runc version 1.1.5", ["CVE-2024-21626", "CVE-2025-31133"]],
    ["Debian's patched runc", "runc", "1.1.5", "commit: 1.1.5+ds1-1+deb12u1", ["CVE-2025-31133"]],
    ["new runc", "runc", "1.3.3", "", []],
    ["a candidate of the first runc", "runc", "1.0.0-rc6", "", ["CVE-2019-5736", "CVE-2021-30465", "CVE-2023-28642", "CVE-2024-21626", "CVE-2025-31133"]],
    ["a later candidate", "runc", "1.0.0-rc95", "", ["CVE-2023-28642", "CVE-2024-21626", "CVE-2025-31133"]],
    ["an old one of a patched line", "runc", "1.2.4", "", ["CVE-2025-31133"]],
    ["new containerd", "containerd", "2.1.0", "", []],
    ["old containerd", "containerd", "1.6.20", "", ["CVE-2024-40635"]],
  ];
  for (const [name, program, version, full, want] of cases) {
    assert.deepEqual(warningsOf(program, version, full).map((line) => /CVE-\d+-\d+/.exec(line)?.[0]), want, name);
  }
});

test("CAP_SYS_RESOURCE is read from the effective set", () => {
  assert.equal(hasCapSysResource("CapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n"), false);
  assert.equal(hasCapSysResource("CapEff:\t000001ffffffffff\n"), true);
});
