import { DecryptCommand, KMSClient } from "@aws-sdk/client-kms";

let client: KMSClient | undefined;

/** Decrypts a KMS ciphertext. The encryption context must be the one of the encryption (KMS Decrypt). */
export async function decrypt(
  source: { kms: string; encryptionContext?: Record<string, string> | undefined },
  abortSignal: AbortSignal,
): Promise<Uint8Array | undefined> {
  client ??= new KMSClient({ maxAttempts: 2 });
  const command = new DecryptCommand({
    CiphertextBlob: Buffer.from(source.kms, "base64"),
    ...(source.encryptionContext && { EncryptionContext: source.encryptionContext }),
  });
  return (await client.send(command, { abortSignal })).Plaintext;
}
