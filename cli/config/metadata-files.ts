import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readCertificate } from "../../providers/saml/certificate.ts";
import { MetadataError, readMetadata } from "../../providers/saml/metadata.ts";
import type { Mistake } from "../../shared/domain/config/mistakes.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import type { Config } from "../../shared/domain/config/schema.ts";

/** As long as a file may be that the authorizer reads. */
const MAX_LENGTH = 2 ** 20;

/**
 * Reads the metadata files that a configuration names, as the authorizer would at the first assertion, and says what
 * is wrong with them.
 *
 * @param time current time in seconds since the epoch
 */
export async function metadataFileMistakes({ saml }: Config, time: number): Promise<Mistake[]> {
  const mistakes = (saml?.identityProviders ?? []).map(async (entry, index) => {
    const { file } = entry.metadata ?? {};
    if (file === undefined) return [];
    const path = `saml.identityProviders[${index}].metadata.file`;
    const mistake = await mistakeIn(file, entry, time);
    return mistake ? [{ path, ...mistake }] : [];
  });
  return (await Promise.all(mistakes)).flat();
}

type Found = Omit<Mistake, "path"> | undefined;

async function mistakeIn(file: string, { issuer, metadata }: SamlIdentityProvider, time: number): Promise<Found> {
  let bytes: Buffer;
  try {
    bytes = await readFile(resolve(process.cwd(), file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { found: `${file}, which cannot be read (${code})`, allowed: "a file in the folder metadata/" };
  }
  const signers = (metadata?.signedBy ?? []).map((text) => readCertificate(text).key);
  try {
    const { validUntil } = readMetadata(bytes, { entityId: issuer, signers, maxLength: MAX_LENGTH });
    if (validUntil > time) return undefined;
    const day = new Date(validUntil * 1000).toISOString().slice(0, 10);
    return { found: `${file}, which ended on ${day}`, allowed: "metadata that are valid: ask for newer ones" };
  } catch (error) {
    if (!(error instanceof MetadataError)) throw error;
    return { found: `${file}: ${error.message}`, allowed: othersIn(bytes) ?? "metadata of this identity provider" };
  }
}

/** The identity provider that a file has instead, if there is just one. */
function othersIn(bytes: Buffer): string | undefined {
  try {
    const entityId = printable(readMetadata(bytes, { maxLength: MAX_LENGTH }).entityId);
    return entityId && `metadata of this issuer; the file has ${entityId}`;
  } catch {
    return undefined;
  }
}
