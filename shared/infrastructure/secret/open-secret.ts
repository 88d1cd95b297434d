import type { SecretSource } from "../../domain/config/secret.ts";
import { TroubleError } from "../../domain/reasons/errors.ts";

/** Timeout in milliseconds for fetching a secret. */
const TIMEOUT = 3000;

/** Secrets opened by this process. Failures are not cached: the next credential tries again. */
const opened = new WeakMap<SecretSource, Promise<Uint8Array>>();

/**
 * Opens a secret at its first use and caches it for the lifetime of the process. Concurrent callers share one call.
 * Only the AWS client that the source needs is loaded.
 *
 * @throws {TroubleError} `secret_unavailable`; the cause never contains the secret
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
  if ("environment" in source) return encoded(variable(source.environment));
  if ("kms" in source) return (await import("./kms.ts")).decrypt(source, abortSignal);
  if ("ssm" in source) return encoded(await (await import("./ssm.ts")).getParameter(source.ssm, abortSignal));
  return encoded(await (await import("./secrets-manager.ts")).getSecret(source, abortSignal));
}

/** An own member: `toString`, which every object has, would be a secret that everybody knows. */
const variable = (name: string) => (Object.hasOwn(process.env, name) ? process.env[name] : undefined);

const encoded = (value: string | undefined) => (value === undefined ? undefined : new TextEncoder().encode(value));
