import type { KeyObject } from "node:crypto";
import type { SecretSource } from "../../domain/config/secret.ts";
import { type RemoteTimes, RemoteValue } from "../remote/remote-value.ts";

/** Limits of a secret, in milliseconds. A good value is kept for the life of the process. */
export const SECRET_TIMES = {
  timeout: 3000,
  maxAge: Number.POSITIVE_INFINITY,
  staleIfError: Number.POSITIVE_INFINITY,
  budget: { size: 3, refill: 10_000 },
} as const satisfies RemoteTimes;

/** A secret of the configuration, as the key that is made of it. */
export interface Secret {
  /** The key. It is fetched at the first use. @throws {TroubleError} `secret_unavailable` */
  current(): Promise<KeyObject>;
  /**
   * The key that the secret is now, if it is not `known`, or `known`. Called for a credential that does not match the
   * known one: the secret may have been wrong, or have been replaced. @throws {TroubleError} `secret_unavailable`
   */
  newer(known: KeyObject): Promise<KeyObject>;
}

/**
 * Prepares a secret. Only the AWS client that its source needs is loaded, at the first use. The cause of an error never
 * contains the secret.
 *
 * @param read makes a key of the secret. A value of which it makes none, or throws, is not kept but fetched again
 */
export function openSecret(source: SecretSource, read: (secret: Uint8Array) => KeyObject | undefined): Secret {
  const remote = new RemoteValue<KeyObject>(
    async (signal, known) => {
      const key = await fetchKey(source, read, signal);
      return known?.equals(key) ? known : key;
    },
    SECRET_TIMES,
    "secret_unavailable",
  );
  // A ciphertext always decrypts to the same bytes, and the environment is set before the process starts.
  const isFixed = "kms" in source || "environment" in source;
  return {
    current: () => remote.current(),
    newer: async (known) => (isFixed ? known : remote.newer(known)),
  };
}

async function fetchKey(
  source: SecretSource,
  read: (secret: Uint8Array) => KeyObject | undefined,
  signal: AbortSignal,
): Promise<KeyObject> {
  const value = await fetchValue(source, signal);
  if (value === undefined || value.length === 0) throw new Error("the secret is empty");
  const key = read(value);
  if (!key) throw new Error("the secret is too short");
  return key;
}

async function fetchValue(source: SecretSource, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if ("environment" in source) return encoded(variable(source.environment));
  if ("kms" in source) return (await import("./kms.ts")).decrypt(source, signal);
  if ("ssm" in source) return encoded(await (await import("./ssm.ts")).getParameter(source.ssm, signal));
  return encoded(await (await import("./secrets-manager.ts")).getSecret(source, signal));
}

/** An own member: `toString`, which every object has, would be a secret that everybody knows. */
const variable = (name: string) => (Object.hasOwn(process.env, name) ? process.env[name] : undefined);

const encoded = (value: string | undefined) => (value === undefined ? undefined : new TextEncoder().encode(value));
