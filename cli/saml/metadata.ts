import { serviceProviderMetadata } from "../../providers/saml/service-provider-metadata.ts";
import type { CommandIo } from "../command-io.ts";
import { UsageError } from "../usage-error.ts";

const BEARER_FORMATS = [
  "1.1:nameid-format:unspecified",
  "1.1:nameid-format:emailAddress",
  "2.0:nameid-format:persistent",
];

/** Prints this API's own service provider metadata (SAML metadata 2.4.4). */
export async function printMetadata(
  { audience }: { readonly audience?: string },
  { stdout, stderr, config }: CommandIo,
): Promise<void> {
  const { saml } = await config();
  if (!saml) throw new UsageError("The configuration has no `saml`.");
  const [first = "", ...others] = saml.audience;
  if (audience !== undefined && !saml.audience.includes(audience)) {
    throw new UsageError(`The configuration's audiences are ${saml.audience.join(", ")}.`);
  }
  if (others.length > 0 && audience === undefined) {
    stderr.write(`For ${first}. The configuration has other audiences: --audience names one.\n`);
  }
  stdout.write(
    serviceProviderMetadata({
      ...{ entityId: audience ?? first, consumerUrls: saml.recipients, signsRequests: false },
      encryption: saml.decryption?.certificate,
      nameFormats: BEARER_FORMATS.map((name) => `urn:oasis:names:tc:SAML:${name}`),
    }),
  );
}
