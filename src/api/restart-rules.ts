/** What a container's end leads to, by rules of its own (`restartPolicyRules`). Upstream: pkg/api/v1/pod FindMatchingContainerRestartRule, AllContainersCouldRestart */
import type { Container, ContainerRestartRule, PodSpec } from "./gen/core-v1.ts";

/** The first rule that speaks of this exit code. */
export const ruleFor = ({ restartPolicyRules = [] }: Container, exitCode: number): ContainerRestartRule | undefined =>
  restartPolicyRules.find(({ exitCodes }) => exitCodes !== undefined && (exitCodes.values?.includes(exitCode) ?? false) === (exitCodes.operator === "In"));

/** Whether the end of one container may start all of them anew. */
export const couldRestartAll = ({ containers, initContainers = [] }: PodSpec): boolean =>
  [...containers, ...initContainers].some(({ restartPolicyRules = [] }) => restartPolicyRules.some(({ action }) => action === "RestartAllContainers"));
