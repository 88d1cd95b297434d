import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { entryOf, issuersOf } from "../../../providers/jwt/issuer-entry.ts";
import type { JwtConfig, JwtIssuer } from "../../../shared/domain/config/jwt.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { parseStrictObject } from "../../../shared/infrastructure/json/strict-json.ts";
import { UsageError } from "../../usage-error.ts";
import { differenceHint } from "../rejections/nearest-identifier.ts";
import { tenantIn } from "../rejections/tenant-issuer.ts";
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
  config: Config,
  time: number,
): Promise<Rehearsal> {
  const { jwt, saml } = config;
  const claims = await readObject(file);
  const named = issuer ?? (typeof claims.iss === "string" ? claims.iss : undefined);
  if (named === undefined) throw new UsageError("Name the issuer: --issuer, or iss in the claims.");
  const entry = jwt && entryNamed(named, claims, jwt);
  if (jwt && entry) {
    const { iss = named } = claims;
    const isOfEntry = issuersOf(entry).includes(String(iss)) || tenantIn(iss, entry) !== undefined;
    if (iss !== named && !isOfEntry) {
      throw new UsageError(`The claims have the iss ${shownValue(iss)}, and --issuer is ${shownValue(named)}.`);
    }
    // Of an unlisted tenant too: the check says what is wrong with it.
    const given = named === entry.issuer ? claims : { ...claims, iss };
    return (await import("./claims.ts")).rehearseClaims(given, entry, { ...config, jwt }, time);
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

/** An entry by its `issuer`, or by an `iss` of its tokens, whichever tenant they are of. */
const entryNamed = (iss: string, claims: UnknownObject, jwt: JwtConfig): JwtIssuer | undefined =>
  jwt.issuers.find(({ issuer }) => issuer === iss) ??
  entryOf({ ...claims, iss }, jwt) ??
  jwt.issuers.find((each) => tenantIn(iss, each) !== undefined);

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
