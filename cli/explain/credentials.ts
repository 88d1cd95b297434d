import type { Trace } from "../../functions/authorizer/authorize.ts";
import { REJECTIONS, TROUBLES, WARNINGS } from "../../shared/domain/reasons/reasons.ts";
import type { Credential } from "../../shared/domain/request/credential.ts";
import type { ExplainedCredential } from "./explanation.ts";
import type { Rehearsal } from "./rehearse/rehearsal.ts";
import type { Expectation } from "./rejections/expectation.ts";

type Finding = Trace["findings"][number];

/** Says of each credential of a request who looked at it, and what came of it. */
export function explainCredentials(
  { request, findings }: Trace,
  rehearsal: Rehearsal | undefined,
  expectationsOf: (finding: Finding) => Promise<readonly Expectation[]>,
): Promise<ExplainedCredential[]> {
  return Promise.all(
    (request?.credentials ?? []).map(async (credential) => {
      const finding = findings.find((each) => each.credential === credential);
      return {
        ...placeOf(credential, rehearsal),
        ...(finding
          ? { ...verdictOn(finding), expectations: await expectationsOf(finding) }
          : { verdict: withoutVerdict(credential.value, findings), expectations: [] }),
      };
    }),
  );
}

function placeOf({ scheme, location, value }: Credential, rehearsal: Rehearsal | undefined) {
  if (rehearsal) {
    const { filledIn, assumed } = rehearsal;
    return { scheme: "claims", in: "file", name: "--claims", filledIn, ...(assumed && { assumed }) };
  }
  return { scheme, ...location, length: value.length };
}

function verdictOn({ provider, verdict }: Finding) {
  if (verdict.status === "authenticated") {
    const warnings = verdict.warnings?.map((each) => WARNINGS[each]);
    return { provider, verdict: verdict.status, ...(warnings && { warnings }) };
  }
  const { status, reason } = verdict;
  const cause = status === "unavailable" ? causeOf(verdict.cause) : undefined;
  return {
    ...{ provider, verdict: `${status}: ${reason}`, reason },
    meaning: { ...REJECTIONS, ...TROUBLES }[reason],
    ...(cause !== undefined && { cause }),
  };
}

/** A credential has no verdict of its own if it was sent twice, or if no provider recognises it. */
function withoutVerdict(value: string, findings: readonly Finding[]): string {
  return findings.some((finding) => finding.credential.value === value)
    ? "the same as another"
    : "nobody recognises it";
}

/** Errors without a code, by their messages, which are constants of libraries. */
const MESSAGES: Readonly<Record<string, string>> = {
  "Region is missing": "AWS_REGION is not set",
  "bad port": "a port that no client of HTTP uses",
};

/** Classes and codes down the chain of causes. Other messages may hold what a caller or a server sent. */
function causeOf(cause: unknown): string | undefined {
  const names: string[] = [];
  for (let error = cause; error instanceof Error && names.length < 4; error = error.cause) names.push(nameOf(error));
  return names.length > 0 ? names.join(", because of ") : undefined;
}

function nameOf(error: Error): string {
  const { code } = error as { code?: unknown };
  const said = Object.hasOwn(MESSAGES, error.message) ? MESSAGES[error.message] : undefined;
  if (said !== undefined) return said;
  if (typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code)) return `${error.name} ${code}`;
  // What wraps a failure of fetch says nothing that its cause does not say.
  return error.message === "fetch failed" ? "no answer over HTTP" : error.name;
}
