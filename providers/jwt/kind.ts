import type { KindSource, PrincipalKind } from "../../shared/domain/principal/principal.ts";
import type { Claims } from "./compact.ts";

/** Whether a token proves a person or a program, and what says so. */
export interface KindDecision {
  readonly kind: PrincipalKind;
  readonly kindFrom: KindSource;
}

const NOTHING: KindDecision = { kind: "unknown", kindFrom: "nothing" };

/**
 * Whether the claims of a token are those of a user or of a client that acts for itself, by what issuers document.
 * Claims that contradict each other, and claims that say nothing, make the kind unknown: it is never guessed.
 */
export function kindOf(claims: Claims): KindDecision {
  const evidence = [...clientEvidence(claims), ...userEvidence(claims)];
  const [first] = evidence;
  if (!first) return hasServiceAccountName(claims) ? NOTHING : byForeignSubject(claims);
  const contradicts = (kind: PrincipalKind) => kind !== first.kind;
  if (evidence.some(({ kind }) => contradicts(kind)) || (contradicts("client") && hasServiceAccountName(claims))) {
    return { kind: "unknown", kindFrom: "contradiction" };
  }
  return first;
}

/** What announces a client that acts for itself. */
function clientEvidence(claims: Claims): KindDecision[] {
  const { sub, oid, scp, idtyp, gty, clientId } = claims;
  const clients = statedClients(claims);
  const found: [boolean, KindSource][] = [
    // RFC 9068 section 2.2: without a resource owner, `sub` is the client. Auth0 appends `@clients`.
    [clients.some((client) => sub === client || sub === `${client}@clients`), "subject_is_client"],
    // Entra: "the most accurate way to determine if a token is an app token" (optional claims reference).
    [idtyp === "app", "idtyp"],
    // Entra without that optional claim: the subject of an app-only token is the object id of its service principal,
    // and it has no `scp`.
    [isText(oid) && sub === oid && scp === undefined, "oid"],
    // Auth0: the grant type.
    [[gty].flat().includes("client-credentials"), "gty"],
    // Keycloak's client scope `service_account`: notes of a client's own login, which no user can write.
    [clients.length > 0 && (isText(claims.clientHost) || isText(claims.clientAddress)), "service_account"],
    // Before Keycloak 25 the first of these notes is `clientId`. Today's `client_id` says nothing: RFC 9068 puts it
    // into users' tokens too.
    [isText(clientId) && isServiceAccountOf(clientId, claims), "service_account"],
  ];
  return found.flatMap(([holds, kindFrom]) => (holds ? [{ kind: "client", kindFrom }] : []));
}

/** What announces a user. */
function userEvidence(claims: Claims): KindDecision[] {
  const { idtyp, oid, scp, token_use: use, auth_time: authenticatedAt, amr, sid } = claims;
  const found: [boolean, KindSource][] = [
    [idtyp === "user", "idtyp"],
    // Cognito: only tokens of a user name one.
    [(use === "access" && isText(claims.username)) || (use === "id" && isText(claims["cognito:username"])), "username"],
    // RFC 9068 section 2.2.1, OpenID Connect Core 2 and Front-Channel Logout 3: a user signed in. Old Keycloaks give
    // clients an `auth_time` of 0.
    [
      (typeof authenticatedAt === "number" && authenticatedAt > 0) ||
        (Array.isArray(amr) && amr.length > 0) ||
        isText(sid),
      "session",
    ],
    // Entra: delegated permissions, which only tokens of a user have (access token claims reference).
    [isText(oid) && isText(scp), "scp"],
  ];
  return found.flatMap(([holds, kindFrom]) => (holds ? [{ kind: "user", kindFrom }] : []));
}

/**
 * A subject that is not the client that the token states is a resource owner (RFC 9068 section 2.2). Without both
 * nothing is known.
 */
function byForeignSubject(claims: Claims): KindDecision {
  return isText(claims.sub) && statedClients(claims).length > 0
    ? { kind: "user", kindFrom: "subject_is_not_client" }
    : NOTHING;
}

/**
 * Whether the token has the name that Keycloak gives to a client's service account. A user may have chosen it: alone
 * it is no evidence.
 */
const hasServiceAccountName = (claims: Claims): boolean =>
  statedClients(claims).some((client) => isServiceAccountOf(client, claims));

/** Keycloak writes the names of users in lower case. */
const isServiceAccountOf = (client: string, { preferred_username: username }: Claims): boolean =>
  username === `service-account-${client.toLowerCase()}`;

/**
 * The client a token was issued to: RFC 9068 and most issuers, OpenID Connect and Entra, Okta, Keycloak's service
 * accounts.
 */
const statedClients = ({ client_id, azp, cid, clientId }: Claims): string[] =>
  [client_id, azp, cid, clientId].filter(isText);

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
