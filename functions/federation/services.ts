import type { Entitlements } from "../../providers/entitlements/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { FederationConfig } from "../../shared/domain/config/federation.ts";
import type { Config, MergeConfig } from "../../shared/domain/config/schema.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import type { Connection } from "./login/connections.ts";
import type { AssertionJudge } from "./login/judge.ts";
import type { Signer } from "./signing/signer.ts";
import type { FederationStore } from "./store/federation-store.ts";
import type { PostponedUses } from "./store/postponed-uses.ts";

/** What the endpoints work with. */
export interface Services {
  readonly config: FederationConfig;
  /** By name. */
  readonly connections: ReadonlyMap<string, Connection>;
  readonly store: FederationStore;
  readonly judge: AssertionJudge;
  readonly signer: Signer;
  /** What verifies the credentials that are exchanged, and the API keys of clients. */
  readonly providers: readonly Provider[];
  readonly uses: PostponedUses;
  readonly merge: MergeConfig;
  /** The rules of the API, whose denials tokens must not take off. */
  readonly routes: Config["routes"];
  /** Certificate for the encryption of assertions, PEM or base64, if there is one. */
  readonly encryptionCertificate: string | undefined;
  /** What a table says of callers: lockouts, and further rights. Undefined: the configuration has no such table. */
  readonly entitlements: Entitlements | undefined;
  /**
   * Revokes a token of ours by its `jti`, in the table of entitlements. Undefined: there is no such table.
   *
   * @param until seconds since the epoch, from which the token has ended anyway
   * @throws if the table cannot be written
   */
  readonly revoke: ((tokenId: string, until: number, reason: string) => Promise<void>) | undefined;
  /** Our private key for AuthnRequests, PEM. @throws {TroubleError} `secret_unavailable` */
  readonly requestSigning: () => Promise<string>;
  /** Tells the rest of the company. It never rejects: what the bus does not take is in the log. */
  readonly tell: (event: SallyportEvent) => Promise<void>;
}
