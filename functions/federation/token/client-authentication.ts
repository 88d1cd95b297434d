import { decodeJwt } from "jose";
import type { FederationClient } from "../../../shared/domain/config/federation.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Parameters } from "../http/parameters.ts";
import type { Services } from "../services.ts";
import { checkClientAssertion } from "./client-assertion.ts";
import { clientRefused } from "./client-error.ts";
import { verifiedCredential } from "./credential-check.ts";
import { entitled } from "./entitled.ts";

/** How clients may prove who they are, as the metadata say it. */
export const AUTHENTICATION_METHODS = ["none", "private_key_jwt", "client_secret_basic"] as const;

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/**
 * The client of a request, in exactly the way that is registered for it (RFC 6749 section 2.3).
 *
 * @throws {OAuthError} `invalid_client`, `invalid_request`
 */
export async function clientOf(
  request: HttpRequest,
  parameters: Parameters,
  time: number,
  services: Services,
): Promise<FederationClient> {
  const basic = basicOf(request);
  const assertion = parameters.get("client_assertion");
  if (basic && assertion !== undefined) throw new OAuthError("invalid_request", "Authenticate in one way.");
  if (parameters.has("client_secret")) {
    throw new OAuthError("invalid_client", "Send an API key by HTTP Basic, not in the form.");
  }
  const named = [basic?.id, assertion === undefined ? undefined : subjectOf(assertion), parameters.get("client_id")];
  const ids = new Set(named.filter((id) => id !== undefined));
  const [id] = ids;
  const client = ids.size === 1 ? services.config.clients.find((each) => each.id === id) : undefined;
  if (!client) throw clientRefused("client_unknown");
  const { authentication } = client;
  if (authentication === "none") {
    if (basic || assertion !== undefined) throw clientRefused("client_method_mismatch");
  } else if (authentication === "api-key") {
    if (!basic) throw clientRefused("client_method_mismatch");
    await checkKey(basic.secret, client, request, time, services);
  } else {
    if (assertion === undefined || parameters.get("client_assertion_type") !== ASSERTION_TYPE) {
      throw clientRefused("client_method_mismatch");
    }
    await checkClientAssertion(assertion, client, request, time, services);
  }
  return client;
}

/**
 * An API key of the client, under the limits that it has at the API: its addresses, and lockouts. A tenant's
 * administrator names the subjects of the tenant's keys, so that none of these keys is a client's.
 */
async function checkKey(
  value: string,
  client: FederationClient,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<void> {
  const credential = { scheme: "api-key", value } as const;
  const { principal } = await verifiedCredential(credential, request, time, services, clientRefused);
  if (principal.subject !== client.id) throw clientRefused("client_key_mismatch");
  if (principal.tenant !== undefined) throw clientRefused("client_key_of_tenant");
  await entitled([principal], services, clientRefused);
}

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined. */
function basicOf(request: HttpRequest): { readonly id: string; readonly secret: string } | undefined {
  const header = request.header("authorization");
  if (header === undefined) return undefined;
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString("utf8")) ?? [];
  if (id === undefined || secret === undefined) throw clientRefused("client_header_malformed");
  try {
    return { id: formDecoded(id), secret: formDecoded(secret) };
  } catch (error) {
    throw clientRefused("client_header_malformed", error);
  }
}

const formDecoded = (text: string) => decodeURIComponent(text.replaceAll("+", " "));

/** The claimed client of an assertion: it says which key has to verify it, and proves nothing. */
function subjectOf(assertion: string): string {
  try {
    return decodeJwt(assertion).sub ?? "";
  } catch (error) {
    throw clientRefused("client_assertion_malformed", error);
  }
}
