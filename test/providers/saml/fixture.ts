import {
  type AssertionOptions,
  type CredentialForm,
  encodeXml,
  issueSamlCredential,
} from "../../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import type { Provider } from "../../../providers/provider.ts";
import { type SamlDependencies, samlProvider } from "../../../providers/saml/index.ts";
import type { Verdict } from "../../../providers/verdict.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";

type Section = NonNullable<SallyportConfig["saml"]>;
type Entry = Section["identityProviders"][number];

export const ISSUER = "https://idp.example.com/metadata";
export const AUDIENCE = "https://api.example.com/saml";
export const RECIPIENT = "https://api.example.com/saml/acs";

export const identity = await createSigningIdentity();
export const stranger = await createSigningIdentity();

export const OPTIONS: AssertionOptions = {
  issuer: ISSUER,
  subject: "alice@example.com",
  audience: AUDIENCE,
  recipient: RECIPIENT,
  time: NOW,
};

export const issue = (options: Partial<AssertionOptions> = {}, form: CredentialForm = {}, by = identity) =>
  issueSamlCredential(by, { ...OPTIONS, ...options }, form);

export function providerOf(
  entry: Partial<Entry> = {},
  section: Partial<Section> = {},
  dependencies: SamlDependencies = {},
) {
  const { saml } = configOf({
    saml: {
      audience: AUDIENCE,
      recipients: RECIPIENT,
      identityProviders: [
        { issuer: ISSUER, ...(!entry.metadata && { certificates: [identity.certificate] }), ...entry },
      ],
      ...section,
    },
  });
  if (!saml) throw new Error("no section");
  return samlProvider(saml, dependencies);
}

const provider = providerOf();

/** The principal that a credential proves, or the reason why it proves none. */
const essence = (verdict: Verdict) => (verdict.status === "authenticated" ? verdict.principal : verdict.reason);

type Request = Parameters<typeof requestFor>[2];

export async function judge(value: string, by?: Provider, request?: Request): Promise<ReturnType<typeof essence>>;
export async function judge<T>(
  value: string,
  by: Provider,
  request: Request,
  read: (verdict: Verdict) => T,
): Promise<T>;
export async function judge(
  value: string,
  by = provider,
  request: Request = {},
  read: (verdict: Verdict) => unknown = essence,
) {
  const credential = { scheme: "saml", value, location: { in: "header", name: "authorization" } } as const;
  return read(await by.verify(credential, requestFor("GET", "/a", request), new AbortController().signal));
}

/** The same for XML. */
export const judgeXml = (xml: string, by: Provider = provider, request: Request = {}) =>
  judge(encodeXml(xml), by, request);
