import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import { millis } from "../time.ts";

/** Nobody waits for an answer longer, and kubelets have read it by then. Upstream: cmd/kube-controller-manager/app/certificates.go */
const lifeMs = 15 * 60_000;

/** Whether a request has served its time, answered or not. */
export const isOver = ({ metadata }: Pick<PodCertificateRequest, "metadata">, now: number): boolean =>
  metadata.creationTimestamp !== undefined && now - millis(metadata.creationTimestamp) >= lifeMs;
