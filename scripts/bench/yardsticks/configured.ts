/** What a yardstick is told about its issuers and tables: the bench writes the same for all of them into the environment. */
const read = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`no ${name}`);
  return value;
};

export const issuer = () => read("BENCH_ISSUER");
export const audience = () => read("BENCH_AUDIENCE");
/** Where the issuer's key set is served. */
export const jwksUri = () => read("BENCH_JWKS_URI");
/** The same key set in place. */
export const jwks = () => JSON.parse(read("BENCH_JWKS")) as { keys: { kty: string; kid: string; alg: string }[] };
export const table = () => read("BENCH_TABLE");
export const certificate = () => read("BENCH_SAML_CERTIFICATE");
export const samlAudience = () => read("BENCH_SAML_AUDIENCE");
export const samlRecipient = () => read("BENCH_SAML_RECIPIENT");

/** The `kid` of a compact token. */
export function kidOf(token: string): string {
  const header = JSON.parse(Buffer.from(token.slice(0, token.indexOf(".")), "base64url").toString()) as { kid: string };
  return header.kid;
}
