import { jwtProvider } from "../../../../providers/jwt/index.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { withoutUndefined } from "../../../../shared/domain/object/without-undefined.ts";
import { configOf, NOW, requestFor } from "../../../fixtures.ts";
import { mint, rsaKey, type SigningKey } from "../mint.ts";

export type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];
export type Claims = Readonly<Record<string, unknown>>;

export const key = rsaKey();

/** An entry with the keys of the tests in place of the issuer's. */
export function judgeBy(entries: Entry | readonly Entry[], keys: readonly object[] = [key.jwk]) {
  const issuers = [entries].flat().map((entry) => ({ keys: { jwks: { keys } }, ...entry }) as Entry);
  const { jwt } = configOf({ jwt: { issuers } });
  if (!jwt) throw new Error("no section");
  const provider = jwtProvider(jwt);
  /** What a token proves, or why it is refused. A claim that is undefined is absent. */
  return async (claims: Claims, header: object = {}, signer: SigningKey = key) => {
    const payload = withoutUndefined({ iat: NOW - 10, exp: NOW + 600, ...claims });
    const value = mint(signer, payload, header);
    const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
    const verdict = await provider.verify(credential, requestFor("GET", "/a"), new AbortController().signal);
    return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
  };
}

export { NOW };
