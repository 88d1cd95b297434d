import { hashApiKey, pepperOf } from "../../../providers/api-key/hash.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { causeOf } from "../../../shared/domain/reasons/cause.ts";
import type { Output } from "../../command-io.ts";
import { safeText } from "../shown/safe-text.ts";

/** The text whose HMAC tells two peppers apart. No key has this form, so that it is the hash of none. */
const TEXT = "sallyport-keys: the check of a pepper";

/** What tells whether two configurations have the same pepper: values of its own, by the ids of peppers. */
export type PepperChecks = Readonly<Record<string, string>>;

/** The checks of the configuration's peppers. Whoever exports may not be allowed to read them: those are left out. */
export async function pepperChecks(
  config: ApiKeysConfig,
  ids: readonly string[],
  stderr: Output,
): Promise<PepperChecks> {
  const checks = await Promise.all(
    ids.map(async (id) => {
      try {
        const hash = hashApiKey(TEXT, await pepperOf(id, config).current());
        return [[id, Buffer.from(hash).toString("base64")]];
      } catch (error) {
        const why = causeOf(error) ?? "trouble";
        stderr.write(
          `The pepper ${safeText(id)} cannot be read (${safeText(why)}): nothing tells it from another one.\n`,
        );
        return [];
      }
    }),
  );
  return Object.fromEntries(checks.flat());
}
