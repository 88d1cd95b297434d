/** An IAM policy document, in the part of the language that the authorizer writes. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Action: "execute-api:Invoke";
  readonly Effect: "Allow" | "Deny";
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Condition;
}

/** Operator → key → values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/**
 * Longest resource that API Gateway accepts in an authorizer's policy, in characters ("Output from an API Gateway
 * Lambda authorizer").
 */
export const MAX_RESOURCE_LENGTH = 512;

/** Largest result of an authorizer, in bytes (Service Quotas L-20859C74). */
export const MAX_RESULT_LENGTH = 8192;

/**
 * An instant as IAM's date operators read it (W3C note on date and time formats). @param time seconds since the epoch
 */
export function instant(time: number): string {
  if (time !== last?.time) last = { time, text: new Date(time * 1000).toISOString().replace(".000Z", "Z") };
  return last.text;
}

/** A policy names its end several times. */
let last: { readonly time: number; readonly text: string } | undefined;
