import { X509Certificate } from "node:crypto";
import { ASSERTION_ID, assertionXml, RESPONSE_ID, responseXml } from "../../local/stage/saml/identity-provider.ts";
import { createSigningIdentity, type SigningIdentity, signXml } from "../../local/stage/saml/signing.ts";
import { Random } from "../../test/model/random.ts";
import { changeStructure } from "./change-structure.ts";
import { changeText } from "./change-text.ts";
import { TIME } from "./genuine-messages.ts";
import { signedByNodeSaml, signedBySallyport } from "./node-saml-judge.ts";
import { Tally } from "./tally.ts";

const OPTIONS = {
  issuer: "https://idp.example.com/metadata",
  subject: "alice@example.com",
  audience: "https://api.example.com/saml",
  recipient: "https://api.example.com/saml/acs",
  time: TIME,
};
const VALUES = ["reader", "a&b<c>\"'", "å\n\té", "\u{1d4b3}", "]]&gt;", " x ", "", "\u00a0x", "a b"];

/**
 * Compares what a signature covers with node-saml's reading, for random assertions and Responses, as signed and
 * changed. What Sallyport accepts, node-saml must read in the same way. What node-saml alone accepts is counted by the
 * reason for which Sallyport refuses it: only a signature itself is no such reason.
 */
export async function compareWithNodeSaml(seed: number, count: number, tally = new Tally()): Promise<Tally> {
  const identity = await createSigningIdentity();
  const key = new X509Certificate(identity.certificate).publicKey;
  for (let index = 0; index < count; index++) {
    const random = Random.of(seed ^ 0x6e73, index);
    const { genuine, id } = mint(random, identity);
    const isChanged = random.chance(0.7);
    const xml = isChanged ? changed(random, genuine) : genuine;
    const theirs = await signedByNodeSaml(xml, id, identity.certificate);
    const ours = signedBySallyport(xml, id, key);
    const what = isChanged ? "changed" : "as signed";
    const difference = { index, xml, nodeSaml: theirs, sallyport: ours };

    if ("text" in ours && "text" in theirs && ours.text === theirs.text)
      tally.count(`${what}: accepted by both, as the same`);
    else if ("refused" in ours && isChanged && "refused" in theirs) tally.count(`${what}: refused by both`);
    else if ("refused" in ours && isChanged && ours.refused !== "assertion_signature_invalid") {
      tally.count(`${what}: refused by Sallyport alone, ${ours.refused}`);
    } else if ("refused" in ours && hasOtherBase64(xml)) {
      tally.count(`${what}: refused by Sallyport alone, another spelling of base64`);
    } else tally.differ(difference);
  }
  return tally;
}

function mint(random: Random, identity: SigningIdentity): { genuine: string; id: string } {
  const groups = random.some(VALUES);
  const plain = assertionXml({ ...OPTIONS, attributes: { groups, mail: random.pick(VALUES) } });
  const spelled = random.pick([
    (xml: string) => xml,
    (xml: string) => xml.replaceAll("saml:", "").replace("xmlns:saml", "xmlns"),
    (xml: string) => xml.replaceAll("saml:", "saml2:").replace("xmlns:saml", "xmlns:saml2"),
    (xml: string) => xml.replaceAll("><", random.pick([">\n  <", ">\t<", "> <"])),
    (xml: string) =>
      xml.replace("<saml:AttributeValue>", '<saml:AttributeValue xmlns:xsi="urn:xsi" xsi:type="xs:string">'),
  ])(plain);
  const form = {
    algorithm: random.pick(["rsa-sha256", "rsa-sha512"] as const),
    inclusivePrefixes: random.chance(0.4) ? ["xs"] : [],
  };
  const response = responseXml(OPTIONS, spelled).replace("<samlp:Response ", '$&xmlns:xs="urn:xs" ');
  return random.pick([
    () => ({ genuine: signXml(spelled, ASSERTION_ID, identity, form), id: ASSERTION_ID }),
    () => ({ genuine: signXml(response, ASSERTION_ID, identity, form), id: ASSERTION_ID }),
    () => ({ genuine: signXml(response, RESPONSE_ID, identity, form), id: RESPONSE_ID }),
  ])();
}

/** node-saml's decoder passes over what is no base64, and over elements in it. */
function hasOtherBase64(xml: string): boolean {
  return [...xml.matchAll(/<ds:(?:Digest|Signature)Value[^>]*>([^<]*)(<\/)?/g)].some(([, value = "", end]) => {
    if (!end) return true;
    const compact = value.replace(/[\t\n\r ]/g, "");
    return Buffer.from(compact, "base64").toString("base64") !== compact;
  });
}

const EVIL = assertionXml({ ...OPTIONS, subject: "root" });

function changed(random: Random, text: string): string {
  const structure = random.chance(0.6) ? changeStructure(random, text, [EVIL, responseXml(OPTIONS, EVIL)]) : undefined;
  return structure ?? changeText(random, text);
}
