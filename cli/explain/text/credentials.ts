import type { ExplainedCredential, ExplainedEntitlements, ExplainedPrincipal } from "../explanation.ts";
import type { Expectation } from "../rejections/expectation.ts";
import { shownTimeFrom } from "../shown-time.ts";
import { quoted, quotedList } from "../shown-value.ts";
import { columns, type Paint } from "./layout.ts";

/** Each credential with its verdict and, if it is rejected, what was expected and what was found. */
export function credentialLines(credentials: readonly ExplainedCredential[], paint: Paint): string[] {
  if (credentials.length === 0) return ["none"];
  return credentials.flatMap((credential) => {
    const { provider, verdict, meaning, cause, expectations, warnings = [], filledIn = {}, assumed = {} } = credential;
    const mark = verdict === "authenticated" ? paint("green", "✓") : paint("red", "✗");
    const details = [
      ...(meaning === undefined ? [] : [meaning]),
      ...(cause === undefined ? [] : [`because of ${cause}`]),
      ...warnings,
      ...filledInLines(filledIn),
      ...columns(Object.entries(assumed)),
      ...expectationLines(expectations),
    ];
    return [
      `${mark} ${placeText(credential)}: ${provider === undefined ? "" : `${provider}: `}${verdict}`,
      ...details.map((line) => `  ${line}`),
    ];
  });
}

function placeText({ scheme, in: place, name, length }: ExplainedCredential): string {
  return length === undefined ? `${scheme} without a signature` : `${scheme} in ${place} ${name}, ${length} characters`;
}

function filledInLines(filledIn: Readonly<Record<string, string>>): string[] {
  const entries = Object.entries(filledIn);
  if (entries.length === 0) return [];
  return columns(entries.map(([name, value], index) => [index === 0 ? "filled in" : "", name, value]));
}

/** Two lines each: what was expected, and what was found. */
export function expectationLines(expectations: readonly Expectation[]): string[] {
  return columns(
    expectations.flatMap(({ of, expected, found, hint }) => [
      [of, "expected", expected],
      ["", "found", found],
      ...(hint === undefined ? [] : [["", "hint", hint]]),
    ]),
  );
}

/** What a principal has by the table of entitlements, and not by its credential. */
function entitledText({ version, tenant, roles, scopes }: ExplainedEntitlements): string {
  if (version === undefined) return "no record";
  const added = [
    ...(tenant === undefined ? [] : [`tenant ${quoted(tenant)}`]),
    ...(roles.length > 0 ? [`roles ${quotedList(roles)}`] : []),
    ...(scopes.length > 0 ? [`scopes ${quotedList(scopes)}`] : []),
  ];
  return `version ${version}, which gives ${added.length > 0 ? added.join(", ") : "nothing"}`;
}

/** What each accepted credential proves. */
export function principalLines(principals: readonly ExplainedPrincipal[], time: number): string[] {
  return principals.flatMap((principal) => {
    const { provider, subject, kind, kindFrom, issuer, tenant, scopes, roles, addresses, expiresAt } = principal;
    const { attributes, confirmation = [], hasUsageIdentifierKey, entitled } = principal;
    const mapped = Object.entries(attributes).map(([name, value]) => `${name}=${quoted(String(value))}`);
    return [
      `${provider} ${quoted(subject)}`,
      ...columns([
        ["kind", `${kind}${kindFrom === undefined ? "" : `, by ${kindFrom}`}`],
        ["issuer", issuer],
        ...(confirmation.length > 0 ? [["confirmed by", confirmation.join(", ")]] : []),
        ["tenant", tenant === undefined ? "none" : quoted(tenant)],
        ["scopes", scopes.length > 0 ? quotedList(scopes) : "none"],
        ["roles", roles.length > 0 ? quotedList(roles) : "none"],
        ...(mapped.length > 0 ? [["attributes", mapped.join(", ")]] : []),
        ["addresses", addresses ? addresses.join(", ") || "none: nowhere" : "any"],
        ["expires", expiresAt === undefined ? "never" : shownTimeFrom(expiresAt, time)],
        ...(hasUsageIdentifierKey ? [["usage key", "present"]] : []),
        ...(entitled ? [["entitlements", entitledText(entitled)]] : []),
      ]).map((line) => `  ${line}`),
    ];
  });
}
