import { jwtProvider } from "../providers/jwt/index.ts";
import type { ProviderFactory } from "../providers/provider.ts";

/** The provider of JWTs, for `createAuthorizer` of `sallyport/core`. */
export const jwt: ProviderFactory = ({ jwt: config }) => config && jwtProvider(config);
