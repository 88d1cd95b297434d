/** The contract of a provider, for one of your own. */
export type { Provider } from "../providers/provider.ts";
export { authenticated, rejected, unavailable, type Verdict } from "../providers/verdict.ts";
export type { AttributeValue, KindSource, Principal, PrincipalKind } from "../shared/domain/principal/principal.ts";
export type { Credential } from "../shared/domain/request/credential.ts";
