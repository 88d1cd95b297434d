import * as v from "valibot";
import type { EntitlementTable } from "../../../providers/entitlements/management/entitlement-table.ts";
import { isOfKeys } from "../../../providers/entitlements/management/entitlements.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import type { RecordKind, RecordRef } from "../../../providers/entitlements/record-key.ts";
import type { UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import type { ApiRequest } from "../http/api-request.ts";
import { invalid } from "../http/problem.ts";
import type { Call } from "../operations/call.ts";
import { checked, shown } from "../schema/checked.ts";
import { noRecord } from "./refusals.ts";
import { damaged, keySubjectQuery, subjectQuery, tenantQuery, tokenQuery } from "./requests.ts";

/** One request of an operator, about the table of entitlements. */
export interface EntitlementCall extends Call {
  readonly records: EntitlementTable;
}

/**
 * Whom a request is about, and whether the record is damaged. The names are in the query: an issuer is a URL, and a
 * subject may hold any character. HTTP APIs decode paths before they match them with routes, so that no path could tell
 * `a%2Fb` from `a/b`; the query arrives as it was sent.
 *
 * @throws {ProblemError} for names that nobody has
 */
export function refOf<Kind extends RecordKind>(request: ApiRequest, kind: Kind): Extract<RecordRef, { kind: Kind }> {
  return named(request, kind, {}).ref;
}

/** The same, of a request that may say `damaged=true` beside the names. */
export function removalOf<Kind extends RecordKind>(request: ApiRequest, kind: Kind) {
  const { ref, given } = named(request, kind, { damaged });
  return { ref, isDamaged: "damaged" in given };
}

function named<Kind extends RecordKind>(request: ApiRequest, kind: Kind, more: v.ObjectEntries) {
  const query = exactQuery(request);
  const { entries } = schemaOf(kind, query);
  const given: UnknownObject = checked(v.strictObject({ ...entries, ...more }), query, "query");
  const names = Object.fromEntries(Object.keys(entries).map((name) => [name, given[name]]));
  return { ref: { kind, ...names } as Extract<RecordRef, { kind: Kind }>, given };
}

function schemaOf(kind: RecordKind, { issuer = "" }: Readonly<Record<string, string>>) {
  if (kind === "tenant") return tenantQuery;
  if (kind === "token") return tokenQuery;
  return isOfKeys(issuer) ? keySubjectQuery : subjectQuery;
}

/**
 * The parameters of a query. Names are compared character by character, so that nothing is read in two ways: a `+` may
 * stand for a space or for itself, and a lockout of the wrong one would lock nobody out.
 *
 * @throws {ProblemError} for a parameter that occurs twice, or is not encoded in percent of UTF-8
 */
export function exactQuery({ rawQuery }: ApiRequest): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>();
  for (const parameter of rawQuery.split("&").filter((each) => each !== "")) {
    const [rawName = "", ...rest] = parameter.split("=");
    const name = decoded(rawName);
    if (name === undefined) throw invalid({ in: "query", field: "…", found: "another encoding", allowed: ENCODING });
    const value = decoded(rest.join("="));
    const field = shown(name);
    if (value === undefined)
      throw invalid({ in: "query", field, found: "another encoding, or a +", allowed: ENCODING });
    if (parameters.has(name)) throw invalid({ in: "query", field, found: "more than one", allowed: "one" });
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

const ENCODING = "UTF-8 in percent-encoding: %2B for a plus sign, %20 for a space";

function decoded(text: string): string | undefined {
  if (text.includes("+")) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The record that a request names. @throws {ProblemError} `not-found` */
export async function recordOf({ records }: EntitlementCall, ref: RecordRef): Promise<EntitlementRecord> {
  const record = await records.get(ref);
  if (!record) throw noRecord();
  return record;
}
