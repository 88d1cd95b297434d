import { createPrivateKey } from "node:crypto";
import { entitlements } from "../../providers/entitlements/index.ts";
import { createProviders } from "../../providers/registry.ts";
import { openReplayStore } from "../../providers/saml/index.ts";
import type { FederationConfig } from "../../shared/domain/config/federation.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";
import { logger } from "../../shared/infrastructure/telemetry/telemetry.ts";
import { connectionsOf } from "./login/connections.ts";
import type { AssertionJudge, JudgeOptions } from "./login/judge.ts";
import type { Services } from "./services.ts";
import type { Signer } from "./signing/signer.ts";
import { dynamoDbFederationStore } from "./store/dynamodb-federation-store.ts";
import { postponedUses } from "./store/postponed-uses.ts";
import { teller } from "./tell.ts";

/**
 * What the endpoints work with, by a configuration.
 *
 * @param bus name of the bus of events. Undefined: events are only lines of the log
 * @throws {Error} if the configuration has no login
 */
export async function openServices(whole: Config, bus: string | undefined): Promise<Services> {
  const { federation: config, saml, merge, routes } = whole;
  if (!config || !saml) throw new Error("This function needs `federation` and `saml`.");
  const connections = connectionsOf(config, saml);
  const uses = postponedUses(openReplayStore);
  return {
    config,
    connections,
    store: dynamoDbFederationStore(config.table),
    judge: lazyJudge({ saml, issuer: config.issuer, connections }),
    signer: await signerOf(config),
    providers: createProviders(whole, { openReplayStore: uses.openStore }),
    uses,
    merge,
    routes,
    encryptionCertificate: saml.decryption?.certificate,
    requestSigning: requestSigningOf(config),
    entitlements: entitlements(whole),
    revoke: revokerOf(whole, config.issuer),
    tell: teller(bus),
  };
}

/** Revocations go where every authorizer that trusts our tokens can read them. */
function revokerOf({ entitlements: section }: Config, issuer: string): Services["revoke"] {
  if (!section) return undefined;
  return async (tokenId, until, reason) => {
    const { dynamoDbEntitlementTable } = await import(
      "../../providers/entitlements/management/dynamodb-entitlement-table.ts"
    );
    const { revokeToken } = await import("../../providers/entitlements/management/entitlements.ts");
    const table = dynamoDbEntitlementTable(section.table, REVOCATION_LIMITS);
    const change = { by: "login", reason, time: Math.floor(Date.now() / 1000) };
    await revokeToken(table, { kind: "token", issuer, tokenId }, change, { expiresAt: until });
  };
}

/** Milliseconds for one exchange with the table of entitlements. A client waits for the answer. */
const REVOCATION_LIMITS = { whole: 2500, attempt: 1200 };

/** The judge, which loads the XML parser, from the first assertion on. */
function lazyJudge(options: JudgeOptions): AssertionJudge {
  const open = openedOnce(async () => (await import("./login/judge.ts")).assertionJudge(options));
  return {
    judge: async (...given) => (await open()).judge(...given),
    judgeBearer: async (...given) => (await open()).judgeBearer(...given),
    keysOf: async (connection) => (await open()).keysOf(connection),
  };
}

async function signerOf({ signing, table }: FederationConfig): Promise<Signer> {
  if (signing === "kms") {
    const { kmsSigner } = await import("./signing/kms-signer.ts");
    const { keyDocumentTable } = await import("./store/key-document-table.ts");
    return kmsSigner(keyDocumentTable(table).read);
  }
  logger.warn("tokens are signed with a key of this process", { signing: "development" });
  return (await import("./signing/development-signer.ts")).developmentSigner(signing.development);
}

function requestSigningOf({ requestSigning }: FederationConfig): () => Promise<string> {
  if (!requestSigning) return () => Promise.reject(new Error("there is no key for requests"));
  const secret = openSecret(requestSigning.key, (pem) => createPrivateKey(Buffer.from(pem)));
  return async () => (await secret.current()).export({ type: "pkcs8", format: "pem" }).toString();
}
