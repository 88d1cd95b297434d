import { SAML } from "@node-saml/node-saml";
import { hostileCredentials } from "../local/stage/saml/hostile.ts";
import { issueSamlCredential } from "../local/stage/saml/identity-provider.ts";
import { createSigningIdentity } from "../local/stage/saml/signing.ts";
import type { Provider } from "../providers/provider.ts";
import { samlProvider } from "../providers/saml/index.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
import type { Credential } from "../shared/domain/request/credential.ts";

/**
 * Measures the complete first verification of an assertion, compared with node-saml's `validatePostResponseAsync` of
 * the same Response; a repeated verification of the same assertion; and the cost of refusing hostile credentials.
 *
 * Usage: saml-speed.ts
 */
const time = Math.floor(Date.now() / 1000);
const identity = await createSigningIdentity();
const [stranger, ours] = [await createSigningIdentity(), await createSigningIdentity()];
const options = {
  ...{ issuer: "https://idp.example.com", subject: "alice", time, lifetime: 600 },
  ...{ audience: "https://api.example.com/saml", recipient: "https://api.example.com/saml/acs" },
};
process.env.SALLYPORT_BENCHMARK_KEY = ours.privateKey;
const { saml: config } = parseConfig({
  saml: {
    ...{ audience: options.audience, recipients: options.recipient },
    decryption: { keys: [{ environment: "SALLYPORT_BENCHMARK_KEY" }] },
    identityProviders: [{ issuer: options.issuer, certificates: [identity.certificate] }],
  },
  routes: [{ name: "all", methods: ["GET"], paths: ["/a"] }],
});
if (!config) throw new Error("no section");

const theirs = new SAML({
  ...{ callbackUrl: options.recipient, idpCert: identity.certificate, issuer: options.audience },
  ...{ audience: options.audience, wantAuthnResponseSigned: false },
});
const signal = new AbortController().signal;
const request: AuthorizationRequest = {
  credentials: [],
  resource: { api: "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234", stage: "prod", method: "GET", path: "/a" },
  source: { address: "192.0.2.1", viaVpcEndpoint: false },
  time,
  cache: undefined,
};

async function verify(provider: Provider, value: string): Promise<string> {
  const credential: Credential = { scheme: "saml", value, location: { in: "header", name: "authorization" } };
  const verdict = await provider.verify(credential, request, signal);
  return verdict.status === "authenticated" ? "accepted" : verdict.reason;
}

/** CPU time of one run in milliseconds, after the same number of warm-up runs. */
async function cost(run: () => Promise<unknown>, count: number): Promise<number> {
  for (let i = 0; i < count; i++) await run();
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}

const fixed = (milliseconds: number) => `${milliseconds.toFixed(milliseconds < 0.1 ? 4 : 2)} ms`;
for (const count of [1, 5, 20, 100]) {
  const attributes = Object.fromEntries(Array.from({ length: count }, (_, i) => [`attribute${i}`, `value ${i}`]));
  const form = { message: "response" } as const;
  const response = issueSamlCredential(identity, { ...options, attributes }, form);
  const credential = issueSamlCredential(identity, { ...options, attributes }, { ...form, encoding: "deflate" });
  const known = samlProvider(config);
  if ((await verify(known, credential)) !== "accepted") throw new Error("the assertion is not accepted");
  const first = await cost(() => verify(samlProvider(config), credential), 400);
  const beside = await cost(() => theirs.validatePostResponseAsync({ SAMLResponse: response }), 400);
  const again = await cost(() => verify(known, credential), 20_000);
  console.log(
    `${count} attributes: first ${fixed(first)}, node-saml ${fixed(beside)}, ratio ${(first / beside).toFixed(2)}; seen before ${fixed(again)}`,
  );
}

const { maxLength, maxInflatedLength } = config;
const hostile = hostileCredentials({
  options,
  identity,
  stranger,
  recipient: ours.certificate,
  maxLength,
  maxInflatedLength,
});
const provider = samlProvider(config);
for (const [what, value] of Object.entries(hostile)) {
  const outcome = await verify(provider, value);
  const each = await cost(() => verify(provider, value), 200);
  const heap = process.memoryUsage().heapUsed;
  await verify(provider, value);
  const kibibytes = Math.max(0, process.memoryUsage().heapUsed - heap) / 1024;
  console.log(`${what}: ${fixed(each)}, ${kibibytes.toFixed(0)} KiB, ${value.length} characters, ${outcome}`);
}
