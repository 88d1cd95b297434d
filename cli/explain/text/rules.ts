import type { Explanation } from "../explanation.ts";
import type { ExplainedRule } from "../rules/explain-rules.ts";
import { shownDuration, shownTime } from "../shown-time.ts";
import { columns, type Paint } from "./layout.ts";

/** Each rule with why it counts for this request, or why it does not. The request is for fields if it has no route. */
export function ruleLines({ rules, time, route }: Explanation, paint: Paint): string[] {
  const isFields = route === undefined;
  return columns(
    rules.flatMap((rule) => {
      const [first = "", ...more] = reasonsFor(rule, time, isFields);
      return [[`${markOf(rule, paint)} ${rule.rule}`, rule.effect, first], ...more.map((line) => ["", "", line])];
    }),
  );
}

function markOf(rule: ExplainedRule, paint: Paint): string {
  if (!rule.applies) return paint("dim", "✗");
  if (!counts(rule)) return paint("yellow", "-");
  return rule.effect === "deny" ? paint("red", "✓") : paint("green", "✓");
}

/** Whether a rule that applies is for the route, open, and for the caller's address, as far as these are known. */
export const counts = ({ forRoute, opening, addresses, vpcEndpoints }: ExplainedRule): boolean =>
  forRoute !== false && opening?.open !== false && addresses?.isWithin !== false && vpcEndpoints?.isWithin !== false;

function reasonsFor(rule: ExplainedRule, time: number, isFields: boolean): string[] {
  const obstacles = rule.obstacles.map(({ principal, text }) =>
    principal === undefined ? text : `${principal}: ${text}`,
  );
  const limits = [...openingText(rule, time), ...addressText(rule), ...endpointText(rule)];
  return rule.applies
    ? [routeText(rule, isFields), ...limits, ...obstacles.map((text) => `without ${text}`)]
    : [...obstacles, ...limits];
}

function routeText({ forRoute, routes, fields }: ExplainedRule, isFields: boolean): string {
  const shown = [...routes.slice(0, 6), ...fields].join(", ");
  const all = routes.length > 6 ? `${shown} and ${routes.length - 6} more` : shown;
  if (isFields) return forRoute ? `for fields: ${fields.join(", ")}` : `for no field: ${all}`;
  return `${forRoute ? "for this route" : "for another route"}: ${all}`;
}

function openingText({ opening }: ExplainedRule, time: number): string[] {
  if (!opening) return [];
  const { open, opensAt, closesAt, ended } = opening;
  if (ended) return ["closed: the caller signed in too long ago"];
  if (open) return [closesAt === undefined ? "open" : `open until ${shownTime(closesAt)}`];
  if (opensAt === undefined) return ["closed: its last window has passed"];
  return [`closed: opens ${shownTime(opensAt)}, in ${shownDuration(opensAt - time)}`];
}

function addressText({ addresses }: ExplainedRule): string[] {
  if (!addresses) return [];
  const { holdsFor, caller, isWithin } = addresses;
  const unknown = isWithin === false ? "the answer cannot carry that condition" : "the caller's address is not known";
  const where = caller === undefined ? unknown : `the caller is at ${caller}, ${isWithin ? "within" : "outside"}`;
  return [`from ${holdsFor.join(", ")}; ${where}`];
}

function endpointText({ vpcEndpoints }: ExplainedRule): string[] {
  if (!vpcEndpoints) return [];
  const { holdsFor, caller, isWithin } = vpcEndpoints;
  const known = caller === undefined ? "the request came through none" : `the request came through ${caller}`;
  const where = isWithin === undefined ? "the event does not say the request's" : known;
  return [`through ${holdsFor.join(", ")}; ${where}`];
}
