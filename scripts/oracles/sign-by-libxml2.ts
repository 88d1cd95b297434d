import { createHash, type KeyObject, sign } from "node:crypto";
import { IDENTIFIERS } from "../../providers/saml/identifiers.ts";
import { HASH_ALGORITHMS, SIGNATURE_ALGORITHMS } from "../../shared/domain/saml/algorithms.ts";
import { NAMESPACES } from "../../shared/domain/saml/namespaces.ts";
import type { Random } from "../../test/model/random.ts";
import type { Libxml2 } from "./libxml2-judge.ts";

const ALGORITHMS = ["rsa-sha256", "rsa-sha384", "rsa-sha512"] as const;

/**
 * Signs the root of a document by canonical octets of libxml2, so that no code of this project has part in them.
 *
 * @param prefixes of InclusiveNamespaces
 * @returns the document with its signature, as the first child of the root; undefined if it is not well-formed
 */
export async function signByLibxml2(
  libxml2: Libxml2,
  random: Random,
  key: KeyObject,
  { text, id, prefixes }: { text: string; id: string; prefixes: readonly string[] },
): Promise<string | undefined> {
  const algorithm = random.pick(ALGORITHMS);
  const { uri, hash } = SIGNATURE_ALGORITHMS[algorithm];
  const octetsOf = async (xml: string, find: string) => {
    const found = await libxml2.ask(Buffer.from(xml), { do: "canonical", find, prefixes });
    return "octets" in found ? found.octets : undefined;
  };
  const p = random.pick(["ds:", "", "dsig:", "n:"]);
  const covered = await octetsOf(text, "/*");
  if (!covered) return undefined;
  const digest = createHash(hash).update(covered).digest("base64");
  const list =
    prefixes.length > 0
      ? `<ec:InclusiveNamespaces xmlns:ec="${NAMESPACES.canonicalization}" PrefixList="${prefixes.join(" ")}"/>`
      : "";
  const exclusive = (name: string) => `<${p}${name} Algorithm="${NAMESPACES.canonicalization}">${list}</${p}${name}>`;
  const space = random.pick(["", "\n", "\r\n  "]);
  const info = [
    exclusive("CanonicalizationMethod"),
    `<${p}SignatureMethod Algorithm="${uri}"/>`,
    `<${p}Reference URI="#${id}">`,
    `<${p}Transforms><${p}Transform Algorithm="${IDENTIFIERS.enveloped}"/>${exclusive("Transform")}</${p}Transforms>`,
    `<${p}DigestMethod Algorithm="${HASH_ALGORITHMS[hash].digest}"/><${p}DigestValue>${digest}</${p}DigestValue>`,
    `</${p}Reference>`,
  ].join(space);
  const signed = (value: string) =>
    text.replace(
      /<[^!?][^<]*?(?:"[^"]*"|'[^']*'|[^<>"'])*>/,
      (start) =>
        `${start.replace(/\/>$/, ">")}<${p}Signature xmlns${p && `:${p.slice(0, -1)}`}="${NAMESPACES.signature}">` +
        `<${p}SignedInfo>${info}</${p}SignedInfo>${space}<${p}SignatureValue>${value}</${p}SignatureValue></${p}Signature>` +
        (start.endsWith("/>") ? `</${/^<([^\s/>]+)/.exec(start)?.[1]}>` : ""),
    );
  const octets = await octetsOf(signed(""), `//*[local-name()="SignedInfo"]`);
  if (!octets) throw new Error("libxml2 takes the document, but not with its signature");
  return signed(sign(hash, octets, key).toString("base64").replace(/.{76}/g, `$&${space}`));
}
