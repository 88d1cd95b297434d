import type { Provider } from "../../../providers/provider.ts";
import type { Rejection } from "../../../shared/domain/reasons/reasons.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../../shared/domain/request/credential.ts";
import type { Expectation } from "../rejections/expectation.ts";

/** Claims or attributes in place of a credential: everything of it is checked but its signature. */
export interface Rehearsal {
  readonly provider: Provider;
  /** What was filled in where the file has nothing, by name. */
  readonly filledIn: Readonly<Record<string, string>>;
  /** What the file cannot show and is taken for granted, by name. */
  readonly assumed?: Readonly<Record<string, string>>;
  expectationsOf(reason: Rejection, request: AuthorizationRequest): Promise<readonly Expectation[]>;
}

/** Stands for the credential that there is none of. A TOKEN authorizer's place is in every cache key. */
export const REHEARSED: Credential = {
  scheme: "other",
  value: "rehearsed",
  location: { in: "token", name: "authorizationToken" },
};

/** Seconds for which a rehearsed credential holds. */
export const LIFETIME = 600;
