import { createHash, X509Certificate } from "node:crypto";
import { certificateBody } from "../../providers/saml/certificate.ts";
import { fetchMetadata } from "../../providers/saml/metadata-source.ts";
import type { SamlIdentityProvider } from "../../shared/domain/config/saml.ts";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { NOTICE_DAYS } from "../../shared/domain/events/watch-events.ts";
import type { WatchState } from "./watch-state.ts";
import { DAY, type Part } from "./watcher.ts";

type Notice = (typeof NOTICE_DAYS)[number];

/** Seconds until certificates are looked at again: nearly a day, for a schedule that is a little early. */
const EVERY = 23 * 3600;

/** Milliseconds for the metadata of one identity provider. */
const TIMEOUT = 5000;

/** Metadata that are fetched end again and again, and are new before. Only those that stay the same are announced. */
const LAST_NOTICE = NOTICE_DAYS[NOTICE_DAYS.length - 1] as Notice;

/** What ends of an identity provider. Seconds since the epoch. */
interface Ending {
  readonly issuer: string;
  readonly what: "certificate" | "metadata";
  readonly endsAt: number;
  readonly fingerprint?: string;
}

type Known = WatchState["metadata"];

/**
 * Announces certificates of identity providers and metadata that end within 30, 14 or 3 days: those of the configuration,
 * and those of metadata, once a day.
 *
 * @throws after all others were looked at, if the metadata of one cannot be read
 */
export const endingCertificates: Part = async ({ config, state, now, fetch, announce }) => {
  if (state.certificatesAt !== undefined && now < state.certificatesAt + EVERY) return {};
  const metadata: Known = {};
  const errors: unknown[] = [];
  for (const entry of config.saml?.identityProviders ?? []) {
    try {
      const endings = await endingsOf(entry, fetch);
      const kept = endings.filter((ending) => isAnnounced(ending, entry, state.metadata, metadata, now));
      await announce(kept.flatMap((ending) => eventOf(ending, now)));
    } catch (error) {
      errors.push(error);
    }
  }
  for (const error of errors) throw error;
  return { certificatesAt: now, metadata };
};

async function endingsOf(entry: SamlIdentityProvider, fetch: typeof globalThis.fetch): Promise<Ending[]> {
  const { issuer, certificates = [], metadata, certificateDates } = entry;
  const read = metadata && (await fetchMetadata(issuer, metadata, fetch, AbortSignal.timeout(TIMEOUT)));
  const endings = (read?.encoded ?? certificates).map((text): Ending => {
    const { validToDate, fingerprint256 } = new X509Certificate(Buffer.from(certificateBody(text), "base64"));
    const fingerprint = fingerprint256.replaceAll(":", "").toLowerCase();
    return { issuer, what: "certificate", endsAt: validToDate.getTime() / 1000, fingerprint };
  });
  const dated = certificateDates === "ignore" ? [] : endings;
  if (!read || !Number.isFinite(read.validUntil)) return dated;
  return [...dated, { issuer, what: "metadata", endsAt: Math.floor(read.validUntil) }];
}

/** Fetched metadata are announced if they have been the same for a day, and end within the last notice. */
function isAnnounced(
  { what, endsAt, issuer }: Ending,
  { metadata }: SamlIdentityProvider,
  before: Known,
  after: Known,
  now: number,
) {
  if (what === "certificate" || metadata?.url === undefined) return true;
  const id = createHash("sha256").update(issuer).digest("base64url");
  const known = before[id];
  const seen = known?.validUntil === endsAt ? known : { validUntil: endsAt, since: now };
  after[id] = seen;
  return seen.since <= now - EVERY && endsAt <= now + LAST_NOTICE * DAY;
}

/** The event of the tightest notice that is due. */
function eventOf({ issuer, what, endsAt, fingerprint }: Ending, now: number): SallyportEvent[] {
  const withinDays = [...NOTICE_DAYS].reverse().find((days) => endsAt <= now + days * DAY);
  if (withinDays === undefined) return [];
  const subject = [issuer, what, ...(fingerprint === undefined ? [] : [fingerprint.slice(0, 16)])].join(":");
  const detail = {
    id: `${subject}:${instantOf(endsAt)}:CertificateExpiring:${withinDays}`,
    ...({ schemaVersion: 1, time: instantOf(now), issuer, what } as const),
    ...(fingerprint !== undefined && { fingerprint }),
    ...{ endsAt: instantOf(endsAt), withinDays },
  };
  return [{ name: "CertificateExpiring", detail }];
}
