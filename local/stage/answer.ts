import type { Answer } from "../hosts/host.ts";
import type { Scenario } from "./scenarios.ts";

/** Whether an answer is the expected one of a scenario, in the form of its kind of API. */
export function isAnswerTo(scenario: Scenario, { result, error }: Answer, api = "rest-request"): boolean {
  const { outcome, reason, challenged } = scenario;
  if (outcome === "unavailable") return error === "unavailable";
  if (api === "appsync") return error === undefined && Object(result).isAuthorized === (outcome === "allow");
  if (outcome === "unauthenticated" && !(challenged && api === "rest-request")) return error === "Unauthorized";
  const { context } = Object(result) as { context?: { reason?: string } };
  return error === undefined && context !== undefined && context.reason === reason;
}
