import { principalOf } from "../../../providers/jwt/principal.ts";
import { isWorkloadIn } from "../../../providers/jwt/spiffe-id.ts";
import type { ClaimPath } from "../../../shared/domain/config/common.ts";
import type { JwtIssuer } from "../../../shared/domain/config/jwt.ts";
import { acceptedValues, isRequiredValue } from "../../../shared/domain/config/required-claims.ts";
import { objectOf } from "../../../shared/domain/object/unknown-object.ts";
import { PRINCIPAL_KINDS } from "../../../shared/domain/principal/principal.ts";
import { Refusal } from "../../../shared/domain/reasons/errors.ts";
import { shownNames } from "../shown-value.ts";
import { anyOf, type Expectation, expectation } from "./expectation.ts";
import type { TokenCase } from "./jwt-case.ts";

type Mapping = JwtIssuer["claims"];

/** One mapped claim. */
interface Mapped {
  readonly of: string;
  readonly path: ClaimPath | undefined;
  /** The mapping of it alone. */
  readonly alone: Partial<Mapping>;
  readonly expected: string;
}

const NAME = "a text of 1 to 256 characters";
const SCOPES = "scopes with spaces between, or a list of them";
const ROLES = "a text, or a list of at most 256 texts";
const KIND = PRINCIPAL_KINDS.join(" or ");
const RANGES = "a list of at most 256 addresses or CIDR ranges";
const VALUE = "a text of at most 1024 characters, a number, true or false";

/** The claim that should name the subject, and those that the token has instead. */
export function subjectExpectations({ payload, entry }: TokenCase): Expectation[] {
  const expected = "a text of 1 to 256 characters without white space at its edges";
  const hint = `the token has the claims ${shownNames(Object.keys(payload))}`;
  return [expectation(pathText(entry.claims.subject), expected, valueAt(payload, entry.claims.subject), hint)];
}

/** Required claims that are not as they must be, or else the mapped claims that cannot be read. */
export function claimsExpectations(token: TokenCase): Expectation[] {
  const required = requiredExpectations(token);
  if (required.length > 0) return required;
  const { trustDomain } = token.entry;
  if (trustDomain !== undefined && !isWorkloadIn(trustDomain, token.payload.sub)) {
    return [expectation("sub", `the SPIFFE ID of a workload: spiffe://${trustDomain}/PATH`, token.payload.sub)];
  }
  return mappedExpectations(token);
}

function requiredExpectations({ payload, entry }: TokenCase): Expectation[] {
  return Object.entries(entry.requiredClaims).flatMap(([name, allowed]) => {
    const found = Object.hasOwn(payload, name) ? payload[name] : undefined;
    if (found !== undefined && isRequiredValue(found, allowed)) return [];
    const form = typeof allowed === "object" && "like" in allowed ? "like " : "";
    return [expectation(name, `${form}${anyOf(acceptedValues(allowed))} (requiredClaims)`, found)];
  });
}

/** Each mapped claim is read alone, as the authorizer reads all of them. */
function mappedExpectations({ payload, entry }: TokenCase): Expectation[] {
  const { subject, tenant, scopes, roles, kind, addresses, usageIdentifierKey, attributes } = entry.claims;
  const mapped: Mapped[] = [
    { of: "tenant", path: tenant, alone: { tenant }, expected: NAME },
    { of: "usageIdentifierKey", path: usageIdentifierKey, alone: { usageIdentifierKey }, expected: NAME },
    { of: "kind", path: kind, alone: { kind }, expected: KIND },
    { of: "addresses", path: addresses, alone: { addresses }, expected: RANGES },
    ...scopes.map((path) => ({ of: "scopes", path, alone: { scopes: [path] }, expected: SCOPES })),
    ...roles.map((path) => ({ of: "roles", path, alone: { roles: [path] }, expected: ROLES })),
    ...Object.entries(attributes).map(([of, path]) => ({
      of,
      path,
      alone: { attributes: { [of]: path } },
      expected: VALUE,
    })),
  ];
  return mapped.flatMap(({ of, path, alone, expected }) => {
    const claims: Mapping = { subject, scopes: [], roles: [], client: [], attributes: {}, ...alone };
    if (path === undefined || !isRefused(() => principalOf(payload, { ...entry, claims }))) return [];
    const value = valueAt(payload, path);
    // The value of a usage plan's key is a secret.
    const found = of === "usageIdentifierKey" ? "a value that is not shown" : expectation("", "", value).found;
    return [{ of: `${pathText(path)} (${of})`, expected, found }];
  });
}

function isRefused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    return error instanceof Refusal;
  }
}

/** @example pathText(["realm_access", "roles"]) === "realm_access → roles" */
export const pathText = (path: ClaimPath): string => [path].flat().join(" → ");

function valueAt(payload: unknown, path: ClaimPath): unknown {
  return [path].flat().reduce((value: unknown, name) => {
    const object = objectOf(value);
    return Object.hasOwn(object, name) ? object[name] : undefined;
  }, payload);
}
