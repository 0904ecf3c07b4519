import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service } from "#api/gen/core-v1.ts";
import { podOf } from "../fixture.ts";
import { serviceEnv } from "./service-env.ts";

test("service variables: links, own namespace, and the API server's", () => {
  const service = (namespace: string, name: string, clusterIP: string): Service => ({
    metadata: { namespace, name },
    spec: { clusterIP, ports: [{ name: "http", port: 80 }] },
    status: {},
  });
  const services = [
    service("default", "kubernetes", "10.43.0.1"),
    service("ns", "my-web", "10.43.0.2"),
    service("other", "x", "10.43.0.3"),
    service("ns", "headless", "None"),
  ];
  const env = serviceEnv(podOf(), services);
  assert.deepEqual(
    [...env.keys()].filter((name) => !name.startsWith("KUBERNETES")),
    [
      "MY_WEB_SERVICE_HOST",
      "MY_WEB_SERVICE_PORT",
      "MY_WEB_SERVICE_PORT_HTTP",
      "MY_WEB_PORT",
      "MY_WEB_PORT_80_TCP",
      "MY_WEB_PORT_80_TCP_PROTO",
      "MY_WEB_PORT_80_TCP_PORT",
      "MY_WEB_PORT_80_TCP_ADDR",
    ],
  );
  assert.equal(env.get("MY_WEB_PORT"), "tcp://10.43.0.2:80");
  assert.deepEqual(
    [...serviceEnv(podOf({ enableServiceLinks: false }), services).keys()].every((name) => name.startsWith("KUBERNETES")),
    true,
  );
});
