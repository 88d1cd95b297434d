import type { Explanation } from "../explanation.ts";
import type { ExplainedRoute } from "../routes.ts";
import { shownTime } from "../shown-time.ts";
import { visible } from "../shown-value.ts";
import { credentialLines, expectationLines, principalLines } from "./credentials.ts";
import { columns, type Paint, section } from "./layout.ts";
import { ruleLines } from "./rules.ts";

/**
 * Formats an explanation for people, with a section for each step.
 *
 * @param withPolicy whether the policy's JSON is shown
 */
export function shown(explanation: Explanation, paint: Paint, withPolicy = false): string {
  const { credentials, principals, caller, policy, deniedFields, routes, time } = explanation;
  const title = (text: string) => paint("bold", text);
  return `${[
    ...requestLines(explanation, title),
    ...section(title("Credentials"), credentialLines(credentials, paint)),
    ...section(title("What they prove"), principalLines(principals, time)),
    ...(principals.length > 1 ? section(title("Caller"), callerLines(caller, explanation.hasUsageIdentifierKey)) : []),
    ...section(
      `${title("Rules")}  ${paint("dim", LEGEND)}`,
      caller ? ruleLines(explanation, paint) : ["not looked at: there is no caller"],
    ),
    ...(policy && withPolicy ? section(title("Policy"), JSON.stringify(policy, undefined, 2).split("\n")) : []),
    ...section(title("Fields that are denied"), deniedFields ?? []),
    ...section(title("Routes, by the policy"), routeLines(routes, paint)),
    ...outcomeLines(explanation, paint),
  ].join("\n")}\n`;
}

const LEGEND = "(✓ counts for this request, - applies but not to this request, ✗ does not apply to this caller)";

function requestLines({ api, route, address, time, cachedBy }: Explanation, title: (text: string) => string) {
  const asked = route ? visible(`${route.method} ${route.path}`.trim()) : "fields of a GraphQL API";
  return [
    ...columns([
      [title("Request"), `${asked} (${api})`],
      [title("From"), address ?? "an address that the event does not say"],
      [title("Time"), shownTime(time)],
      [title("Cached by"), cachedBy],
    ]),
    "",
  ];
}

function callerLines(caller: Explanation["caller"], hasUsageIdentifierKey = false): string[] {
  if (!caller) return ["none"];
  const values = Object.entries(caller).filter(([name, value]) => value !== "" && name !== "expiresAt");
  return columns([
    ...values.map(([name, value]) => [name, String(value)]),
    ...(typeof caller.expiresAt === "number" ? [["expires", shownTime(caller.expiresAt)]] : []),
    ...(hasUsageIdentifierKey ? [["usage key", "present"]] : []),
  ]);
}

const routeLines = (routes: readonly ExplainedRoute[], paint: Paint) =>
  columns(
    routes.map(({ api, method, path, effect, why }) => [
      effect === "allow" || effect === "open" ? paint("green", effect) : paint("red", "deny"),
      visible(`${method} ${path}`.trim()),
      api,
      why,
    ]),
  );

function outcomeLines(explanation: Explanation, paint: Paint): string[] {
  const { outcome, reason, meaning, expectations, policy, credentials } = explanation;
  const isSaid = credentials.some((credential) => credential.reason === reason);
  const isAllowed = outcome === "allow";
  const text = `Outcome: ${outcome}${reason === undefined ? "" : `, ${reason}`}`;
  return [
    paint(isAllowed ? "green" : "red", text),
    ...(meaning === undefined || isSaid ? [] : [`  ${meaning}`]),
    ...expectationLines(expectations).map((line) => `  ${line}`),
    ...(policy ? ["", paint("dim", "--policy shows the policy's JSON, and --json all of this for programs.")] : []),
  ];
}
