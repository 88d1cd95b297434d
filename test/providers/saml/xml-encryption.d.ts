declare module "xml-encryption" {
  /** The options that the tests use. */
  interface EncryptOptions {
    rsa_pub: string;
    pem: string;
    encryptionAlgorithm: string;
    keyEncryptionAlgorithm: string;
  }
  export function encrypt(
    content: string,
    options: EncryptOptions,
    callback: (error: Error | null, result: string) => void,
  ): void;
}
