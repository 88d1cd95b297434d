/** The settings of a yardstick. The benchmark passes the same environment variables to all of them. */
const read = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`no ${name}`);
  return value;
};

export const issuer = () => read("BENCH_ISSUER");
export const audience = () => read("BENCH_AUDIENCE");
/** URL of the issuer's key set. */
export const jwksUri = () => read("BENCH_JWKS_URI");
/** The key set itself. */
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
