/** A container cannot be started now: the reason is the `waiting.reason` that users see. Upstream: pkg/kubelet/images/types.go, kuberuntime/kuberuntime_container.go */
export type StartReason =
  | "ErrImagePull"
  | "ImagePullBackOff"
  | "ErrImageNeverPull"
  | "InvalidImageName"
  | "ImageInspectError"
  | "CreateContainerConfigError"
  | "CreateContainerError"
  | "RunContainerError"
  | "PostStartHookError"
  | "CrashLoopBackOff";

export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: StartReason;
  /** Milliseconds since 1970 before which another try is of no use. */
  readonly notBefore: number | undefined;

  constructor(reason: StartReason, message: string, options: { readonly cause?: unknown; readonly notBefore?: number } = {}) {
    super(message, options);
    this.reason = reason;
    this.notBefore = options.notBefore;
  }
}
