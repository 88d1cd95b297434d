import { randomUUID } from "node:crypto";
import { type Connection, connectionsOf } from "../../../functions/federation/login/connections.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import { escapeXml } from "../../../shared/infrastructure/xml/escape-xml.ts";
import { readAuthnRequest } from "../../stage/saml/authn-request.ts";
import { issueSamlCredential } from "../../stage/saml/identity-provider.ts";
import { isSignedPost, isSignedRedirect } from "../../stage/saml/request-signature.ts";
import { attributeOf, type CredentialParts, signatureOf } from "../credentials.ts";
import { documentOf, type Page } from "./page.ts";
import { PERSONS, type Person } from "./persons.ts";

/** The login page of the local identity provider: whoever comes chooses who they are. */
export function choosePerson(parameters: URLSearchParams, method: string, { config }: CredentialParts): Page {
  const binding = method === "POST" ? "post" : "redirect";
  const [message, relayState] = ["SAMLRequest", "RelayState"].map((name) => parameters.get(name) ?? "");
  const { connection } = askedBy(message ?? "", binding, config);
  if (connection.login.signRequest && !isSigned(parameters, binding, config)) {
    throw new Error("The request has no signature of the login.");
  }
  const fields = { SAMLRequest: message ?? "", RelayState: relayState ?? "", binding };
  const buttons = PERSONS.map(
    ({ id, about }) => `<p><button name="person" value="${id}">${id}</button> ${escapeXml(about)}</p>`,
  );
  return {
    body: documentOf(
      "Local identity provider",
      `<h1>Local identity provider</h1><p>For <code>${escapeXml(connection.entityId)}</code>. Who are you?</p>` +
        `<form method="post" action="/login/answer">${hidden(fields)}${buttons.join("")}</form>`,
    ),
  };
}

function isSigned(parameters: URLSearchParams, binding: "redirect" | "post", { federation }: Config): boolean {
  const certificate = federation?.requestSigning?.certificate ?? "";
  return binding === "post"
    ? isSignedPost(parameters.get("SAMLRequest") ?? "", certificate)
    : isSignedRedirect(parameters, certificate);
}

/** The answer of the identity provider: a form that sends itself (SAML bindings 3.5). */
export function answerLogin(parameters: URLSearchParams, _method: string, parts: CredentialParts): Page {
  const binding = parameters.get("binding") === "post" ? "post" : "redirect";
  const { connection, id } = askedBy(parameters.get("SAMLRequest") ?? "", binding, parts.config);
  const person = PERSONS.find((each) => each.id === parameters.get("person"));
  if (!person) throw new Error("There is no such person.");
  const fields = {
    SAMLResponse: responseFor(person, connection, id, parts),
    RelayState: parameters.get("RelayState") ?? "",
  };
  return {
    body: documentOf(
      "Local identity provider",
      `<form method="post" action="${escapeXml(connection.consumerUrl)}">${hidden(fields)}` +
        `<p>You are sent back.</p><button>Continue</button></form><script>document.forms[0].submit()</script>`,
    ),
  };
}

/** Who asked, by the configuration. Nothing that a request says decides where its answer goes. */
function askedBy(message: string, binding: "redirect" | "post", { federation, saml }: Config) {
  const { id, issuer } = readAuthnRequest(message, binding);
  const connections = federation && saml ? [...connectionsOf(federation, saml).values()] : [];
  const connection = connections.find(({ entityId }) => entityId === issuer);
  if (!connection) throw new Error("The configuration has no connection of this service provider.");
  return { id, connection };
}

function responseFor(person: Person, { entry, ...names }: Connection, request: string, parts: CredentialParts): string {
  const values = { tenant: person.tenant, scopes: person.scopes, roles: person.roles };
  const stated = Object.entries(values).filter(([, value]) => value.length > 0);
  const attributes = Object.fromEntries(stated.map(([name, value]) => [attributeOf(entry, name), value]));
  return issueSamlCredential(
    parts.identities.saml,
    {
      ...{ issuer: entry.issuer, subject: person.id, audience: names.entityId, recipient: names.consumerUrl },
      ...{ time: Math.floor(Date.now() / 1000), id: `_${randomUUID()}`, inResponseTo: request },
      attributes: {
        ...(entry.attributes.subject !== undefined && { [entry.attributes.subject]: person.id }),
        ...attributes,
      },
    },
    {
      ...{ message: "response", algorithm: signatureOf(entry) },
      // For us, if we have told the identity provider of a key.
      ...(parts.config.saml?.decryption && { encryptFor: parts.identities.samlEncryption.certificate }),
    },
  );
}

const hidden = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeXml(value)}">`)
    .join("");
