/** The types and functions for writing your own provider. */
export type { Provider } from "../providers/provider.ts";
export { authenticated, rejected, unavailable, type Verdict } from "../providers/verdict.ts";
export type { AttributeValue, KindSource, Principal, PrincipalKind } from "../shared/domain/principal/principal.ts";
export type { Credential } from "../shared/domain/request/credential.ts";
