import { deflateRawSync } from "node:zlib";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { encryptAssertion } from "./encryption.ts";
import { type AssertionOptions, assertionXml, encodeXml, responseXml } from "./identity-provider.ts";
import { type SigningIdentity, signXml } from "./signing.ts";

/** Parts of the hostile inputs. */
export interface HostileParts {
  readonly options: AssertionOptions;
  /** Issuer of the identity provider. The attacker has seen its assertions but does not have its key. */
  readonly identity: SigningIdentity;
  readonly stranger: SigningIdentity;
  /** The public certificate for which assertions are encrypted. */
  readonly recipient: string;
  /** The provider's limits: characters of a credential, and bytes of its XML. */
  readonly maxLength: number;
  readonly maxInflatedLength: number;
}

/** A long namespace around an assertion, and elements behind a tag in it whose canonical forms have it each. */
function repeating(assertion: string, tag: string, room: number): string {
  const elements = "<n:x/>".repeat(100);
  const namespace = '"'.repeat(Math.max(0, room - assertion.length - elements.length - 20));
  return assertion.replace("<saml:Assertion ", `$&xmlns:n='${namespace}' `).replace(tag, `$&${elements}`);
}

/**
 * Credentials that cost as much as possible, each at another step of the verification. Each has the longest permitted
 * length.
 */
export function hostileCredentials({
  options,
  identity,
  stranger,
  recipient,
  maxLength,
  maxInflatedLength,
}: HostileParts) {
  const fill = (unit: string, length: number) => unit.repeat(Math.floor(length / unit.length));
  const room = maxInflatedLength - 64;
  const deflate = (xml: string) => deflateRawSync(xml, { level: 9 }).toString("base64url");
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`attribute${i}`, `value ${i}`]));
  const names = (count: number) => Array.from({ length: count }, (_, i) => `<a${i}>x</a${i}>`).join("");
  // Elements and attributes up to the limits of the scan, for the largest cost of the parser and all later steps.
  const big = assertionXml({ ...options, attributes: many(120) });
  const id = "_assertion";
  const wide = `<a ${Array.from({ length: 23 }, (_, i) => `b${i}="1"`).join(" ")} c="`;
  const signed = signXml(big, id, identity);
  const padded = (xml: string) =>
    xml.replace("</saml:AttributeValue>", `${"x".repeat(Math.max(0, room - xml.length))}$&`);
  const [signature = ""] = /<ds:Signature .*<\/ds:Signature>/.exec(signed) ?? [];
  return {
    "characters that are no base64": "!".repeat(maxLength),
    "base64 of nothing": fill("AAAA", maxLength),
    "a bomb of DEFLATE": deflate(`<a>${"x".repeat(5_000_000)}</a>`),
    "text without end": deflate(`<a>${"x".repeat(room)}</a>`),
    "tags that do not end": deflate(fill("<a", room)),
    "references without end": deflate(`<a>${fill("&#65;", room)}</a>`),
    "as many references as are allowed": deflate(`<a>${fill("&#65;", 5000)}${"x".repeat(room - 5100)}</a>`),
    "elements without end": deflate(`<a>${fill("<b/>", room)}</a>`),
    "names without end": deflate(`<a>${names(400)}${"x".repeat(room - 8000)}</a>`),
    "as many names as are allowed": deflate(`<a>${names(60)}${"x".repeat(room - 2000)}</a>`),
    "depth without end": deflate(fill("<a>", room)),
    "as many attributes as are allowed": deflate(`<a>${fill(`${wide}${"x".repeat(1000)}"/>`, 24 * 1200)}</a>`),
    "quotes without end": deflate(`<a ${fill('b="" ', room)}/>`),
    "a large assertion without a signature": deflate(padded(big)),
    "a large assertion of a stranger": deflate(padded(signXml(big, id, stranger))),
    "a large assertion that was changed": deflate(padded(signed)),
    "a large Response around it": deflate(padded(responseXml(options, signed))),
    "a large assertion with prefixes without end": deflate(
      signed.replace(
        /(<ds:CanonicalizationMethod Algorithm="[^"]*")\s*\/>/,
        `$1><InclusiveNamespaces xmlns="${NAMESPACES.canonicalization}" PrefixList="${fill("a ", room - signed.length - 200)}"/></ds:CanonicalizationMethod>`,
      ),
    ),
    "a SignedInfo that repeats a namespace without end": deflate(repeating(signed, "<ds:SignedInfo>", room)),
    "an assertion that repeats a namespace without end": deflate(repeating(signed, "</saml:Issuer>", room)),
    "a large Response with a signature moved": deflate(
      padded(responseXml(options, big.replace("</saml:Issuer>", `$&${signature}`))),
    ),
    "an assertion of anybody's, encrypted": deflate(
      encryptAssertion(signXml(assertionXml(options), id, stranger), recipient),
    ),
    "encrypted bytes of anybody's": encodeXml(
      responseXml(options, encryptAssertion("x".repeat(3000), recipient)),
      "deflate",
    ),
  };
}
