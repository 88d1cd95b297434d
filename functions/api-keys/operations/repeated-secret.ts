import type { Answer } from "../http/answer.ts";

/** The answer to a repetition of a request that made a secret. */
export async function repeatedSecret(id: string, version: number): Promise<Answer> {
  const detail =
    "The request was answered before, and nothing was made again. The secret was shown once, in the first answer. If " +
    "it is lost, rotate the key: that makes a new secret.";
  return {
    status: 200,
    headers: { ETag: `"${version}"`, Location: `keys/${id}` },
    body: { id, version, repeated: true, detail, rotate: `keys/${id}/rotate` },
    log: { keyId: id, version, repeated: true },
  };
}
