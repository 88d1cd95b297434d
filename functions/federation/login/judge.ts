import { IDENTIFIERS } from "../../../providers/saml/identifiers.ts";
import type { Verifier } from "../../../providers/saml/verifier.ts";
import type { VerifiedAssertion } from "../../../providers/saml/verify.ts";
import { decodeText } from "../../../providers/saml/xml/decode.ts";
import { attribute, children } from "../../../providers/saml/xml/document.ts";
import { scanXml } from "../../../providers/saml/xml/scan.ts";
import type { SamlConfig } from "../../../shared/domain/config/saml.ts";
import { openedOnce } from "../../../shared/domain/opened-once.ts";
import { demand } from "../../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { SignatureAlgorithm } from "../../../shared/domain/saml/algorithms.ts";
import { MAX_FORM } from "../http/parameters.ts";
import type { Connection } from "./connections.ts";
import { type Facts, factsOf } from "./facts.ts";

/** An answer of an identity provider that was judged. */
export interface Judged {
  readonly verified: VerifiedAssertion;
  /** What a second opinion has to agree on. */
  readonly facts: Facts;
  readonly xml: string;
  /** Of the signatures that were verified: nothing that the message says of itself. */
  readonly signedWith: readonly SignatureAlgorithm[];
  readonly wasEncrypted: boolean;
  /** `InResponseTo` of the Response and of every bearer confirmation. */
  readonly inResponseTo: readonly (string | undefined)[];
}

/** An assertion that a client presented. */
export interface JudgedBearer {
  readonly connection: Connection;
  readonly verified: VerifiedAssertion;
}

/** Judges the answers of identity providers. */
export interface AssertionJudge {
  /**
   * @param encoded `SAMLResponse` as it was posted: base64 of XML (SAML bindings 3.5.4)
   * @param address of the browser
   * @throws {Refusal} with the reason of the authorizer for it
   * @throws {TroubleError} `metadata_unavailable`, `secret_unavailable`
   */
  judge(connection: Connection, encoded: string, time: number, address: string | undefined): Promise<Judged>;
  /**
   * Judges an assertion that a client presents for a token (RFC 7522 section 3).
   *
   * @param assertion base64url of the XML
   * @throws {Refusal}
   * @throws {TroubleError}
   */
  judgeBearer(assertion: string, time: number, address: string | undefined): Promise<JudgedBearer>;
  /** The public keys of a connection's identity provider, PEM. @throws {TroubleError} */
  keysOf(connection: Connection): Promise<readonly string[]>;
}

/**
 * The strict verifier of `providers/saml`, with a configuration of its own for each connection: only its identity
 * provider, only our entity ID and our assertion consumer service towards it. So an assertion of one connection is
 * refused at another one (connection confusion), and at the API itself.
 */
export function assertionJudge(
  { saml, issuer, connections }: JudgeOptions,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): AssertionJudge {
  // Loaded like this by the provider too, which a bundle has once.
  const verifierFor = async (limits: Pick<SamlConfig, "audience" | "recipients" | "identityProviders">) => {
    const { createVerifier } = await import("../../../providers/saml/verifier.ts");
    return createVerifier({ ...saml, ...limits, maxInflatedLength: MAX_FORM }, fetch);
  };

  const verifiers = new Map<Connection, () => Promise<Verifier>>();
  const verifierOf = (connection: Connection) => {
    const { entry, entityId, consumerUrl } = connection;
    const limits = { audience: [entityId], recipients: [consumerUrl], identityProviders: [entry] };
    const verifier = verifiers.get(connection) ?? openedOnce(() => verifierFor(limits));
    verifiers.set(connection, verifier);
    return verifier();
  };

  // For the token endpoint, which is the recipient then (RFC 7522 section 3, points 2 and 5).
  const all = [...connections.values()];
  const bearerVerifier = openedOnce(() =>
    verifierFor({
      audience: [issuer, `${issuer}/token`],
      recipients: [`${issuer}/token`],
      identityProviders: all.map(({ entry }) => entry),
    }),
  );

  return {
    async judge(connection, encoded, time, address) {
      const xml = decodedForm(encoded);
      scanXml(xml);
      const verifier = await verifierOf(connection);
      const message = await verifier.verify(xml, requestAt(time, address));
      const { verified, assertion, response, signedWith, wasEncrypted } = message;
      // A login is an answer to a question: a bare assertion is for the API.
      demand(response, "assertion_structure_invalid");
      return {
        ...{ verified, xml, signedWith, wasEncrypted, facts: factsOf(assertion, verified) },
        inResponseTo: [attribute(response, "InResponseTo"), ...confirmedRequests(assertion)],
      };
    },
    async judgeBearer(assertion, time, address) {
      const xml = decodedAssertion(assertion);
      scanXml(xml);
      const { verified } = await (await bearerVerifier()).verify(xml, requestAt(time, address));
      const connection = all.find(({ entry }) => entry === verified.entry);
      demand(connection, "assertion_issuer_unknown");
      return { connection, verified };
    },
    async keysOf(connection) {
      const { certificates } = await (await verifierOf(connection)).anchorsOf(connection.entry);
      return certificates.map(({ key }) => key.export({ type: "spki", format: "pem" }).toString());
    },
  };
}

/** What a judge knows. */
export interface JudgeOptions {
  readonly saml: SamlConfig;
  /** Our `iss`. */
  readonly issuer: string;
  readonly connections: ReadonlyMap<string, Connection>;
}

/** Some identity providers break the lines of the base64 (RFC 2045), as the binding lets them. */
function decodedForm(encoded: string): string {
  const plain = encoded.replace(/[\r\n]/g, "");
  const bytes = Buffer.from(plain, "base64");
  demand(bytes.toString("base64") === plain, "assertion_malformed");
  return decodeText(bytes, MAX_FORM);
}

function decodedAssertion(encoded: string): string {
  const bytes = Buffer.from(encoded, "base64url");
  demand(bytes.toString("base64url") === encoded, "assertion_malformed");
  return decodeText(bytes, MAX_FORM);
}

/** The verifier knows the request of an API. Of it, only time and address count. */
const requestAt = (time: number, address: string | undefined): AuthorizationRequest => ({
  credentials: [],
  resource: { graphqlApi: "" },
  source: { ...(address !== undefined && { address }), viaVpcEndpoint: false },
  time,
  cache: undefined,
});

/** Each bearer confirmation has to name the request, also those that were not needed. */
function confirmedRequests(assertion: Element): (string | undefined)[] {
  return children(assertion, "assertion", "Subject")
    .flatMap((subject) => children(subject, "assertion", "SubjectConfirmation"))
    .filter((each) => attribute(each, "Method") === IDENTIFIERS.bearer)
    .map((each) => {
      const [data] = children(each, "assertion", "SubjectConfirmationData");
      return data && attribute(data, "InResponseTo");
    });
}
