/** The contract of a provider, for one of your own. */
export type { Provider } from "../providers/provider.ts";
export { authenticated, rejected, unavailable, type Verdict } from "../providers/verdict.ts";
export type { Credential } from "../shared/credentials/credential.ts";
export type { AttributeValue, KindSource, Principal, PrincipalKind } from "../shared/principal/principal.ts";
