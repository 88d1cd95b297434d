import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { entryOf, issuersOf } from "../../../providers/jwt/issuer-entry.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { parseStrictObject } from "../../../shared/infrastructure/json/strict-json.ts";
import { UsageError } from "../../usage-error.ts";
import { differenceHint } from "../rejections/nearest-identifier.ts";
import { shownList, shownValue } from "../shown-value.ts";
import type { Rehearsal } from "./rehearsal.ts";

/**
 * Reads claims or attributes from a file, for an issuer of the configuration.
 *
 * @param file JSON; `-` is standard input
 * @param issuer by default the claims' own `iss`
 * @param time seconds since the epoch
 * @throws {UsageError} if the file is no JSON object, or the issuer is not configured
 */
export async function readRehearsal(
  file: string,
  issuer: string | undefined,
  { jwt, saml }: Config,
  time: number,
): Promise<Rehearsal> {
  const claims = await readObject(file);
  const named = issuer ?? (typeof claims.iss === "string" ? claims.iss : undefined);
  if (named === undefined) throw new UsageError("Name the issuer: --issuer, or iss in the claims.");
  const entry = jwt && (jwt.issuers.find((each) => each.issuer === named) ?? entryOf({ ...claims, iss: named }, jwt));
  if (jwt && entry) {
    if (claims.iss !== undefined && claims.iss !== named && !issuersOf(entry).includes(String(claims.iss))) {
      throw new UsageError(`The claims have the iss ${shownValue(claims.iss)}, and --issuer is ${shownValue(named)}.`);
    }
    return (await import("./claims.ts")).rehearseClaims(claims, entry, jwt, time);
  }
  const provider = saml?.identityProviders.find((each) => each.issuer === named);
  if (saml && provider) return (await import("./attributes.ts")).rehearseAttributes(claims, provider, saml, time);
  const known = [...(jwt?.issuers ?? []), ...(saml?.identityProviders ?? [])].map((each) => each.issuer);
  const hint = differenceHint(named, known);
  throw new UsageError(
    `The configuration has no issuer ${shownValue(named)}. It has ${known.length > 0 ? shownList(known) : "none"}.` +
      (hint === undefined ? "" : ` Compare: ${hint}.`),
  );
}

/** Replaces the parser's messages, which may repeat a part of the text. */
async function readObject(file: string): Promise<UnknownObject> {
  const bytes = file === "-" ? Buffer.from(await text(process.stdin)) : await readFile(file);
  try {
    return parseStrictObject(bytes);
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message : "not JSON";
    throw new UsageError(`The claims are no JSON object without duplicate members: ${problem}.`);
  }
}
