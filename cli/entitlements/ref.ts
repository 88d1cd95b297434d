import { checkedRef } from "../../providers/entitlements/management/entitlements.ts";
import type { RecordRef } from "../../providers/entitlements/record-key.ts";
import { TENANT_ID } from "../../shared/domain/config/preset-types.ts";
import { nearestName } from "../../shared/domain/nearest-name.ts";
import type { CommandIo } from "../command-io.ts";
import { configuredIssuers } from "../configured-issuers.ts";
import { safeText } from "../keys/shown/safe-text.ts";
import { UsageError } from "../usage-error.ts";

/** Whom a command is about: a subject or a token of an issuer, or a tenant. */
export interface RefOptions {
  readonly issuer?: string;
  readonly subject?: string;
  readonly tenant?: string;
  readonly jti?: string;
}

/**
 * Whom the options name. Without an issuer it is the only one of the configuration. An issuer that the configuration does
 * not have is said: a lockout under a misspelt name locks nobody out.
 *
 * @throws {UsageError}
 */
export async function refOf(
  { issuer, subject, tenant, jti }: RefOptions,
  kinds: readonly RecordRef["kind"][],
  { config, stderr }: CommandIo,
): Promise<RecordRef> {
  const given = [subject, jti, tenant].filter((each) => each !== undefined);
  if (given.length !== 1) throw new UsageError(`Whom? Give one of ${kinds.map((kind) => NAMES[kind]).join(", ")}.`);
  if (tenant !== undefined) {
    if (issuer !== undefined) throw new UsageError("A tenant has no issuer: leave --issuer out.");
    return checked({ kind: "tenant", tenant });
  }
  if (issuer?.includes(TENANT_ID)) {
    throw new UsageError(`--issuer: found a place for the tenant, allowed is an issuer with an id for ${TENANT_ID}.`);
  }
  const known = configuredIssuers(await config());
  const own = issuer ?? onlyOf(known);
  if (!known.includes(own)) stderr.write(unknownText(own, known));
  return checked(
    subject === undefined
      ? { kind: "token", issuer: own, tokenId: jti ?? "" }
      : { kind: "subject", issuer: own, subject },
  );
}

const NAMES = { subject: "--subject NAME", token: "--jti ID", tenant: "--tenant NAME" } as const;

function checked(ref: RecordRef): RecordRef {
  try {
    return checkedRef(ref);
  } catch {
    throw new UsageError(
      "A name has 1 to 256 characters, without control characters and white space at its edges; an issuer and the id of a token up to 2,048. None holds a whole token or API key.",
    );
  }
}

function onlyOf(known: readonly string[]): string {
  const [only, ...others] = known.filter((issuer) => !issuer.startsWith("api-keys:"));
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) throw new UsageError("--issuer is missing: the configuration has none to choose from.");
  const names = [only, ...others].map((name) => `\n  ${safeText(name)}`).join("");
  throw new UsageError(`--issuer is missing: the configuration has ${others.length + 1} to choose from:${names}`);
}

function unknownText(issuer: string, known: readonly string[]): string {
  const nearest = nearestName(issuer, known);
  const hint = nearest === undefined ? "" : ` Did you mean ${safeText(nearest)}?`;
  return `warning: this configuration has no issuer ${safeText(issuer)}: unless it is that of another one, nobody is meant.${hint}\n`;
}

/** Whom a reference names, for people. */
export function shownRef(ref: RecordRef): string {
  if (ref.kind === "tenant") return `tenant ${safeText(ref.tenant)}`;
  const name = ref.kind === "subject" ? `subject ${safeText(ref.subject)}` : `token ${safeText(ref.tokenId)}`;
  return `${name} of ${safeText(ref.issuer)}`;
}
