/** The words of Kubernetes' streaming protocols. Upstream: apimachinery/pkg/util/remotecommand, kubelet/pkg/cri/streaming */

/** A WebSocket subprotocol of exec and attach. */
export interface CommandProtocol {
  readonly base64: boolean;
  /** The outcome is a `metav1.Status` in JSON; else text, and nothing when all went well. */
  readonly status: boolean;
  /** The client can end its input. */
  readonly canClose: boolean;
}

export const commandProtocols: Readonly<Record<string, CommandProtocol>> = {
  "v5.channel.k8s.io": { base64: false, status: true, canClose: true },
  "v4.channel.k8s.io": { base64: false, status: true, canClose: false },
  "v4.base64.channel.k8s.io": { base64: true, status: true, canClose: false },
  "channel.k8s.io": { base64: false, status: false, canClose: false },
  "base64.channel.k8s.io": { base64: true, status: false, canClose: false },
  "": { base64: false, status: false, canClose: false },
};

export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** kubectl's: SPDY frames inside binary messages. */
export const TUNNEL_PROTOCOL = "SPDY/3.1+portforward.k8s.io";
export const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";

/** Subprotocols of port-forward with two channels per port, data and error. */
export const portForwardProtocols: Readonly<Record<string, { readonly base64: boolean }>> = {
  "v4.channel.k8s.io": { base64: false },
  "v4.base64.channel.k8s.io": { base64: true },
  "portforward.k8s.io": { base64: false },
  "": { base64: false },
};

/** The first name that the client offers and we speak; `""` when it offers none. Undefined when we speak none of them. */
export function chooseProtocol(offered: readonly string[], spoken: Readonly<Record<string, unknown>>): string | undefined {
  return offered.length === 0 ? "" : offered.find((name) => name !== "" && Object.hasOwn(spoken, name));
}
