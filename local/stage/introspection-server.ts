import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { listen, shut } from "../listen.ts";
import { LOCAL, localSecrets } from "./configuration.ts";
import type { Identities } from "./identities.ts";

type Claims = Readonly<Record<string, unknown>>;

/** A running introspection server of the local issuer of opaque tokens. */
export interface IntrospectionServer {
  /** URL of its endpoint. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Bytes of a nonce and of a tag of AES-GCM. */
const [NONCE, TAG] = [12, 16];

/** Digits at the end of a token, which say how long its sealed part is. */
const LENGTH = 4;

const keyOf = ({ pepper }: Identities) => hash("sha256", `opaque tokens ${pepper}`, "buffer");

/**
 * An opaque token. Only the local server can tell what it says: it keeps no list, because several processes issue tokens
 * and one answers.
 *
 * @param claims what the server says of it; `active: false` makes it one that was revoked
 * @param prefix what it begins with
 */
export function opaqueToken(claims: Claims, identities: Identities, prefix: string = LOCAL.opaquePrefix): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", keyOf(identities), nonce, { authTagLength: TAG });
  const sealed = [nonce, cipher.update(JSON.stringify(claims)), cipher.final(), cipher.getAuthTag()];
  const text = Buffer.concat(sealed).toString("base64url");
  return `${prefix}${text}${String(text.length).padStart(LENGTH, "0")}`;
}

/**
 * Starts a server that answers about opaque tokens (RFC 7662) to the local client, by `client_secret_basic`.
 *
 * @param port 0 takes a free port
 */
export async function startIntrospectionServer(
  identities: Identities,
  host: string,
  port = 0,
): Promise<IntrospectionServer> {
  const pair = `${LOCAL.introspectionClient}:${localSecrets(identities)[LOCAL.introspectionVariable]}`;
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  const server = createServer(async (incoming, outgoing) => {
    const isClient = incoming.method === "POST" && incoming.headers.authorization === authorization;
    const answer = isClient ? await answerTo(incoming, identities) : { error: "invalid_client" };
    outgoing.writeHead(isClient ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  return { endpoint: `http://${host}:${await listen(server, host, port)}/introspect`, close: () => shut(server) };
}

async function answerTo(incoming: IncomingMessage, identities: Identities): Promise<Claims> {
  const token = new URLSearchParams(await text(incoming)).get("token") ?? "";
  const claims = claimsIn(token, identities);
  const isActive = claims !== undefined && claims.active !== false && Number(claims.exp) * 1000 > Date.now();
  return isActive ? { ...claims, active: true } : { active: false };
}

function claimsIn(token: string, identities: Identities): Claims | undefined {
  try {
    // Whatever it begins with: the project's issuer has a prefix of its own, or none.
    const length = Number(token.slice(-LENGTH));
    const sealed = Buffer.from(token.slice(-LENGTH - length, -LENGTH), "base64url");
    const opener = createDecipheriv("aes-256-gcm", keyOf(identities), sealed.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    opener.setAuthTag(sealed.subarray(-TAG));
    return JSON.parse(`${opener.update(sealed.subarray(NONCE, -TAG))}${opener.final()}`) as Claims;
  } catch {
    return undefined;
  }
}
