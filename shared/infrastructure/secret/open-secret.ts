import type { SecretSource } from "../../domain/config/secret.ts";
import { TroubleError } from "../../domain/reasons/errors.ts";

/** Longest a secret may take to arrive, in milliseconds. */
const TIMEOUT = 3000;

/** Secrets opened by this process. A failure is not kept: the next credential tries again. */
const opened = new WeakMap<SecretSource, Promise<Uint8Array>>();

/**
 * Opens a secret at its first use and keeps it for the life of the process. Concurrent callers share one call; the AWS client
 * for the source, and no other, is loaded with it.
 *
 * @throws {TroubleError} `secret_unavailable`; the cause never holds the secret
 */
export function openSecret(source: SecretSource): Promise<Uint8Array> {
  let secret = opened.get(source);
  if (!secret) {
    secret = read(source).catch((error: unknown) => {
      opened.delete(source);
      throw new TroubleError("secret_unavailable", error);
    });
    opened.set(source, secret);
  }
  return secret;
}

async function read(source: SecretSource): Promise<Uint8Array> {
  const value = await fetchValue(source, AbortSignal.timeout(TIMEOUT));
  if (value === undefined || value.length === 0) throw new Error("the secret is empty");
  return value;
}

async function fetchValue(source: SecretSource, abortSignal: AbortSignal): Promise<Uint8Array | undefined> {
  if ("environment" in source) return encoded(process.env[source.environment]);
  if ("kms" in source) return (await import("./kms.ts")).decrypt(source, abortSignal);
  if ("ssm" in source) return encoded(await (await import("./ssm.ts")).getParameter(source.ssm, abortSignal));
  return encoded(await (await import("./secrets-manager.ts")).getSecret(source, abortSignal));
}

const encoded = (value: string | undefined) => (value === undefined ? undefined : new TextEncoder().encode(value));
