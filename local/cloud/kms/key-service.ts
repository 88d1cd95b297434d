import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  randomUUID,
  sign,
} from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Input, Operations } from "../endpoint.ts";

/** A key pair of the stand-in. */
interface StoredKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  state: "Enabled" | "PendingDeletion";
}

/** DER of the DigestInfo of SHA-256, before the digest (RFC 8017 section 9.2, note 1). */
const SHA256_PREFIX = Buffer.from("3031300d060960864801650304020105000420", "hex");

/**
 * AWS KMS, as far as the signing keys of the login use it. It signs a digest as KMS does: without hashing it once more,
 * as some stand-ins do.
 */
export class KeyService {
  readonly #keys = new Map<string, StoredKey>();

  /** The operations of its JSON protocol. */
  readonly operations: Operations = {
    "TrentService.CreateKey": (input) => this.#create(input),
    "TrentService.GetPublicKey": ({ KeyId }) => {
      const publicKey = this.#key(KeyId).publicKey.export({ type: "spki", format: "der" });
      return { KeyId, PublicKey: publicKey.toString("base64") };
    },
    "TrentService.DescribeKey": ({ KeyId }) => ({
      KeyMetadata: { Arn: KeyId, KeyId, KeyState: this.#key(KeyId).state },
    }),
    "TrentService.Sign": (input) => ({
      KeyId: input.KeyId,
      Signature: signature(this.#enabled(input.KeyId), input).toString("base64"),
    }),
    "TrentService.ScheduleKeyDeletion": ({ KeyId }) => {
      this.#enabled(KeyId).state = "PendingDeletion";
      return { KeyId, KeyState: "PendingDeletion" };
    },
  };

  /** Keys that can sign. */
  get enabled(): readonly string[] {
    return [...this.#keys].filter(([, { state }]) => state === "Enabled").map(([id]) => id);
  }

  #key(id: unknown): StoredKey {
    const key = this.#keys.get(String(id));
    if (!key) throw new AwsError("NotFoundException", "There is no such key.");
    return key;
  }

  #enabled(id: unknown): StoredKey {
    const key = this.#key(id);
    if (key.state !== "Enabled") throw new AwsError("KMSInvalidStateException", "The key is ending.");
    return key;
  }

  #create({ KeySpec }: Input) {
    if (KeySpec !== "RSA_2048") throw new AwsError("ValidationException", "That is not supported here.");
    const id = `arn:aws:kms:eu-west-1:000000000000:key/${randomUUID()}`;
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#keys.set(id, { ...pair, state: "Enabled" });
    return { KeyMetadata: { Arn: id, KeyId: id.split("/")[1], KeyState: "Enabled" } };
  }
}

function signature({ privateKey }: StoredKey, input: Input): Buffer {
  if (input.SigningAlgorithm !== "RSASSA_PKCS1_V1_5_SHA_256")
    throw new AwsError("ValidationException", "That is not supported here.");
  const message = Buffer.from(String(input.Message), "base64");
  if (input.MessageType !== "DIGEST") {
    if (message.length > 4096) throw new AwsError("ValidationException", "That is not supported here.");
    return sign("sha256", message, privateKey);
  }
  if (message.length !== createHash("sha256").digest().length)
    throw new AwsError("ValidationException", "That is not supported here.");
  const padding = constants.RSA_PKCS1_PADDING;
  return privateEncrypt({ key: privateKey, padding }, Buffer.concat([SHA256_PREFIX, message]));
}
