import { isDeepStrictEqual } from "node:util";
import { encodeXml } from "../../local/stage/saml/identity-provider.ts";
import { samlProvider } from "../../providers/saml/index.ts";
import type { SamlConfig } from "../../shared/domain/config/saml.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { Random } from "../../test/model/random.ts";
import { changeStructure } from "./change-structure.ts";
import { changeText } from "./change-text.ts";
import { type Genuine, type Messages, mintMessages, TIME } from "./genuine-messages.ts";
import { Tally } from "./tally.ts";

/**
 * Changes genuine messages, and judges the mutants. A mutant must be refused, or prove exactly the principal of the
 * message that it was made from, or of the other user's genuine message, if that was put in its place.
 */
export async function compareMutants(seed: number, count: number, tally = new Tally()): Promise<Tally> {
  const messages = await mintMessages();
  const { config, genuine, other } = messages;
  const principals = await Promise.all(
    [...genuine.map(({ text }) => text), other].map((text) => principalOf(text, config)),
  );
  const bob = principals.at(-1);

  for (let index = 0; index < count; index++) {
    const random = Random.of(seed, index);
    const place = random.whole(0, genuine.length - 1);
    const message = genuine[place];
    const alice = principals[place];
    if (!message || !alice) throw new Error("no message");
    const mutant = changed(random, message, messages);
    const value = random.chance(0.1) ? changeText(random, encoded(random, mutant)) : encoded(random, mutant);
    const verdict = await judge(value, config);
    if (typeof verdict === "string") tally.count(`refused: ${verdict}`);
    else if (isDeepStrictEqual(verdict, alice)) tally.count("the same principal");
    else if (isDeepStrictEqual(verdict, bob)) tally.count("the principal of the other genuine message in it");
    else tally.differ({ index, genuine: message.title, mutant, expected: alice, proved: verdict });
  }
  return tally;
}

function changed(random: Random, { text, inner }: Genuine, { foreign, encrypt }: Messages): string {
  let mutant = text;
  if (inner !== undefined && random.chance(0.5)) {
    const within = random.chance(0.2) ? random.pick(foreign) : changedOnce(random, inner, foreign);
    mutant = text.replace(/<saml:EncryptedAssertion.*<\/saml:EncryptedAssertion>/s, () => encrypt(within));
    if (random.chance(0.5)) return mutant;
  }
  for (let left = random.whole(1, 3); left > 0; left--) mutant = changedOnce(random, mutant, foreign);
  return mutant;
}

function changedOnce(random: Random, text: string, foreign: readonly string[]): string {
  const structure = random.chance(0.7) ? changeStructure(random, text, foreign) : undefined;
  return structure ?? (text === "" ? text : changeText(random, text));
}

const encoded = (random: Random, text: string) => encodeXml(text, random.pick(["base64", "deflate"])) || "-";

async function principalOf(text: string, config: SamlConfig): Promise<Principal> {
  const principal = await judge(encodeXml(text, "deflate"), config);
  if (typeof principal === "string") throw new Error(`a genuine message is refused: ${principal}`);
  return principal;
}

const request: AuthorizationRequest = {
  credentials: [],
  resource: { api: "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234", stage: "prod", method: "GET", path: "/a" },
  source: { address: "192.0.2.1", viaVpcEndpoint: false },
  time: TIME,
  cache: undefined,
};
const { signal } = new AbortController();

/** The principal, or the reason why there is none. A new provider for each, so that nothing is remembered. */
async function judge(value: string, config: SamlConfig): Promise<Principal | string> {
  const credential = { scheme: "saml", value, location: { in: "header", name: "authorization" } } as const;
  const verdict = await samlProvider(config).verify(credential, request, signal);
  if (verdict.status === "authenticated") return verdict.principal;
  // Trouble would be an error of the code: nothing here can fail but the message.
  if (verdict.status === "unavailable") throw verdict.cause ?? new Error(verdict.reason);
  return verdict.reason;
}
