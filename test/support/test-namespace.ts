import { eventually } from "#base/waiting.ts";
import { type TestInstance } from "./instance.ts";

/** A namespace that a file of end-to-end tests has for itself on a shared instance. */
export interface TestNamespace {
  /** kubectl within it. Throws with the command's words when it fails. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** What kubectl prints as JSON. */
  readonly json: <T>(...args: readonly string[]) => Promise<T>;
  /** Makes it, and waits until pods can be made in it. */
  readonly make: () => Promise<void>;
  /** Deletes it, and waits until nothing of it is left. */
  readonly remove: (timeoutSeconds?: number) => Promise<void>;
}

export function testNamespace(shared: TestInstance, name: string): TestNamespace {
  const kubectl: TestNamespace["kubectl"] = (...args) => shared.kubectl("-n", name, ...args);
  return {
    kubectl,
    json: (...args) => shared.json("-n", name, ...args),
    async make() {
      await shared.kubectl("create", "namespace", name);
      await eventually(() => kubectl("get", "serviceaccount", "default"), 150_000);
    },
    async remove(timeoutSeconds = 90) {
      await shared.kubectl("delete", "namespace", name, "--wait=true", `--timeout=${timeoutSeconds}s`);
    },
  };
}
