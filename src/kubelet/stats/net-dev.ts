/** What went through a network interface since it is there. */
export interface InterfaceUsage {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
}

/** Interfaces that lead to nobody, or to a container that is counted itself. Upstream: cadvisor container/libcontainer/helpers.go isIgnoredDevice */
const ignored = ["lo", "veth", "docker", "nerdctl"];

/** The interfaces of a `/proc/<pid>/net/dev`. */
export function parseNetDev(text: string): InterfaceUsage[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", counters] = line.split(":", 2).map((part) => part.trim());
    if (counters === undefined || ignored.some((prefix) => name.startsWith(prefix))) return [];
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0, , , , , txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] = counters.split(/\s+/).map(Number);
    return [{ name, rxBytes, rxPackets, rxErrors, rxDropped, txBytes, txPackets, txErrors, txDropped }];
  });
}
