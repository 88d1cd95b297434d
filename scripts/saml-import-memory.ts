import { execFile } from "node:child_process";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { entityXml } from "../local/stage/saml/metadata.ts";
import { createSigningIdentity, type SigningIdentity } from "../local/stage/saml/signing.ts";
import { IDENTIFIERS } from "../providers/saml/identifiers.ts";
import { HASH_ALGORITHMS, SIGNATURE_ALGORITHMS } from "../shared/domain/saml/algorithms.ts";
import { NAMESPACES } from "../shared/domain/saml/namespaces.ts";

/**
 * Measures the peak memory and time of `sallyport saml import --signed-by`, for one entity of a signed aggregate.
 *
 * Usage: saml-import-memory.ts [MEGABYTES], 60 if absent
 */
const length = Number(process.argv[2] ?? 60) * 1e6;
const [federation, identity] = [await createSigningIdentity(), await createSigningIdentity()];
const PREFIX = `<md:EntitiesDescriptor xmlns:md="${NAMESPACES.metadata}" ID="_all">`;
const SUFFIX = "</md:EntitiesDescriptor>";
const WANTED = entityOf(0);

const folder = await mkdtemp(join(tmpdir(), "sallyport-aggregate-"));
try {
  const file = join(folder, "aggregate.xml");
  const signature = signatureOf(digestOf(document("")), federation);
  await pipeline(Readable.from(document(signature)), createWriteStream(file));
  const signer = join(folder, "federation.pem");
  await writeFile(signer, federation.certificate);
  console.log("| bytes of the aggregate | peak memory | time |\n|---|---|---|");
  await measure(`${(length / 1e6).toFixed(0)} MB, signed`, [file, "--entity", WANTED, "--signed-by", signer]);
  await measure(`${(length / 1e6).toFixed(0)} MB, signature not checked`, [file, "--entity", WANTED]);
} finally {
  await rm(folder, { recursive: true });
}

function entityOf(index: number): string {
  return `https://idp${index}.example.com/shibboleth`;
}

/** The aggregate, as it is in canonical form, so that its digest needs no canonicalization. */
function* document(signature: string): Generator<string> {
  yield `${PREFIX}${signature}`;
  let written = PREFIX.length + SUFFIX.length;
  for (let index = 0; written < length; index++) {
    const entity = canonicalEntity(index);
    written += entity.length;
    yield entity;
  }
  yield SUFFIX;
}

/** Attributes in the order of the canonical form, empty elements with two tags, namespaces where they are used. */
function canonicalEntity(index: number): string {
  const xml = entityXml({ entityId: entityOf(index), certificates: [identity.certificate], id: `_${index}` });
  const organization = `<md:Organization><md:OrganizationName xml:lang="ja">大学 ${index}</md:OrganizationName></md:Organization>`;
  return `\n  ${xml
    .replace(` xmlns:md="${NAMESPACES.metadata}"`, "")
    .replace(/<(md:SingleSignOnService)([^>]*)\/>/, "<$1$2></$1>")
    .replace("</md:EntityDescriptor>", `${organization}$&`)}`;
}

function digestOf(texts: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text);
  return hash.digest("base64");
}

function signatureOf(digest: string, { privateKey }: SigningIdentity): string {
  const space = `xmlns:ds="${NAMESPACES.signature}"`;
  const method = (name: string, uri: string) => `<ds:${name} Algorithm="${uri}"></ds:${name}>`;
  const info =
    method("CanonicalizationMethod", NAMESPACES.canonicalization) +
    method("SignatureMethod", SIGNATURE_ALGORITHMS["rsa-sha256"].uri) +
    `<ds:Reference URI="#_all"><ds:Transforms>${method("Transform", IDENTIFIERS.enveloped)}` +
    `${method("Transform", NAMESPACES.canonicalization)}</ds:Transforms>` +
    `${method("DigestMethod", HASH_ALGORITHMS.sha256.digest)}<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`;
  const signed = Buffer.from(`<ds:SignedInfo ${space}>${info}</ds:SignedInfo>`);
  const value = sign("sha256", signed, createPrivateKey(privateKey)).toString("base64");
  return `<ds:Signature ${space}><ds:SignedInfo>${info}</ds:SignedInfo><ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`;
}

/** Runs the command in a process of its own, which says at its end how much memory it had at most. */
async function measure(title: string, argv: readonly string[]): Promise<void> {
  const report = `process.on("exit", () => process.stderr.write("peak " + process.resourceUsage().maxRSS + "\\n"))`;
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const before = performance.now();
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--import", preload, "cli/main.ts", "saml", "import", ...argv],
    { maxBuffer: 2 ** 24 },
  );
  if (JSON.parse(stdout).issuer !== WANTED) throw new Error("another entity");
  const kibibytes = Number(/^peak (\d+)$/m.exec(stderr)?.[1]);
  const seconds = (performance.now() - before) / 1000;
  console.log(`| ${title} | ${(kibibytes / 1024).toFixed(0)} MiB | ${seconds.toFixed(1)} s |`);
}
