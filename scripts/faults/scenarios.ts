import { createSigningIdentity } from "../../local/stage/saml/signing.ts";
import { eventOf } from "./callers.ts";
import { RECOVERY } from "./case.ts";
import { type Stand, startStand } from "./stand.ts";
import { allowed, callerOf, expectAllowed, flood, inMinutes, rotate } from "./steps.ts";
import { startWorld, type World } from "./world.ts";

/** A course of events at parties that are, for the most part, well. */
export interface Scenario {
  readonly title: string;
  /** Whether it is in the short form, of the tests. */
  readonly isShort?: boolean;
  /** What is wrong with what callers saw; nothing if all is right. */
  readonly run: (stand: Stand) => Promise<readonly string[]>;
  /** Changes what is published before the function starts. */
  readonly before?: (world: World) => void | Promise<void>;
}

const MINUTE = 60_000;

export const SCENARIOS: readonly Scenario[] = [
  {
    title: "a new key under a new name, right after forged tokens of unknown keys",
    isShort: true,
    run: async (stand) => {
      await allowed(stand, "a JWT, keys of the key server");
      await flood(stand, "a JWT of an unknown key", 3);
      const caller = rotate(stand, "k2");
      return expectAllowed(stand, caller, RECOVERY);
    },
  },
  {
    title: "a new key under the old name",
    run: async (stand) => {
      await allowed(stand, "a JWT, keys of the key server");
      return expectAllowed(stand, rotate(stand, "k1"), RECOVERY);
    },
  },
  {
    title: "a new key without a name",
    run: async (stand) => {
      const { outcome } = await stand.ask(rotate(stand, undefined));
      if (outcome !== "allow") return [`callers of a key without a name see: ${outcome}`];
      return expectAllowed(stand, rotate(stand, undefined), RECOVERY);
    },
  },
  {
    title: "a new certificate in the metadata, right after forged assertions",
    run: async (stand) => {
      await allowed(stand, "an assertion, certificate of the metadata");
      await flood(stand, "a forged assertion, certificate of the metadata", 3);
      const identity = await createSigningIdentity();
      stand.world.published.metadata = { certificates: [identity.certificate], validUntil: undefined };
      Object.assign(stand.world.keys.identity, identity);
      return expectAllowed(stand, callerOf(stand, "an assertion, certificate of the metadata"), RECOVERY);
    },
  },
  {
    title: "metadata that end after 20 minutes and are renewed",
    before: ({ published }) => {
      published.metadata = { ...published.metadata, validUntil: inMinutes(20) };
    },
    run: async (stand) => {
      await allowed(stand, "an assertion, certificate of the metadata");
      stand.world.published.metadata = { ...stand.world.published.metadata, validUntil: inMinutes(60) };
      stand.advance(21 * MINUTE);
      return expectAllowed(stand, callerOf(stand, "an assertion, certificate of the metadata"), 0);
    },
  },
  {
    title: "metadata that end while their server is down",
    isShort: true,
    before: ({ published }) => {
      published.metadata = { ...published.metadata, validUntil: inMinutes(20) };
    },
    run: async (stand) => {
      const caller = await allowed(stand, "an assertion, certificate of the metadata");
      await stand.world.parties.metadata.suffer({ name: "500", connections: "refused" });
      stand.advance(21 * MINUTE);
      const { outcome } = await stand.ask(caller);
      return outcome === "unavailable" ? [] : [`callers see: ${outcome}`];
    },
  },
  {
    title: "a pepper that is wrong at first",
    isShort: true,
    before: ({ published }) => {
      published.pepper = `wrong-${published.pepper}`;
    },
    run: async (stand) => {
      const { published } = stand.world;
      const caller = callerOf(stand, "an API key");
      await stand.ask(caller);
      published.pepper = published.pepper.replace(/^wrong-/, "");
      return expectAllowed(stand, caller, 30_000);
    },
  },
  {
    title: "a decryption key that is no key at first",
    before: ({ published }) => {
      published.decryption = "no key";
    },
    run: async (stand) => {
      const caller = callerOf(stand, "an encrypted assertion");
      const { outcome } = await stand.ask(caller);
      stand.world.published.decryption = stand.world.keys.ours.privateKey;
      return [
        ...(outcome === "unavailable" ? [] : [`with no key, callers see: ${outcome}`]),
        ...(await expectAllowed(stand, caller, RECOVERY)),
      ];
    },
  },
  {
    title: "the clock is set back by an hour while the key server is down",
    isShort: true,
    run: async (stand) => {
      const party = stand.world.parties["key server"];
      const caller = callerOf(stand, "a JWT, keys of the key server");
      await party.suffer({ name: "500", connections: "reset" });
      await stand.ask(caller);
      stand.advance(-60 * MINUTE);
      await party.suffer(undefined);
      return expectAllowed(stand, caller, RECOVERY);
    },
  },
  {
    title: "the discovery document is gone for two days, the keys are not",
    run: async (stand) => {
      const caller = await allowed(stand, "a JWT, keys by discovery");
      await stand.world.parties.discovery.suffer({ name: "", connections: "refused" });
      const outcomes = new Set<string>();
      for (let hours = 0; hours < 48; hours++) {
        stand.advance(60 * MINUTE);
        outcomes.add((await stand.ask(caller)).outcome);
      }
      return [...outcomes].filter((outcome) => outcome !== "allow").map((outcome) => `callers see: ${outcome}`);
    },
  },
  {
    title: "a key server is down for 150 s and comes back",
    run: async (stand) => {
      const party = stand.world.parties["key server"];
      const caller = callerOf(stand, "a JWT, keys of the key server");
      await party.suffer({ name: "500", connections: "reset" });
      for (let seconds = 0; seconds < 150; seconds++) {
        await stand.ask(caller);
        stand.advance(1000);
      }
      const { calls } = party;
      await party.suffer(undefined);
      return [...(calls > 160 ? [`${calls} calls in 150 s`] : []), ...(await expectAllowed(stand, caller, RECOVERY))];
    },
  },
  {
    title: "the record of a one-time assertion is written, but its answer is lost, and the caller sends it again",
    run: async (stand) => {
      const caller = await allowed(stand, "an assertion to be used once");
      const event = eventOf(caller, Math.floor(stand.now() / 1000));
      const lost = async ({
        response,
        honest,
      }: {
        response: { destroy(): unknown };
        honest: () => Promise<unknown>;
      }) => {
        await honest();
        response.destroy();
      };
      await stand.world.parties.DynamoDB.suffer({ name: "the answer is lost", respond: lost });
      const first = await stand.authorizer.invoke(event);
      await stand.world.parties.DynamoDB.suffer(undefined);
      const again = await stand.authorizer.invoke(event);
      const third = await stand.authorizer.invoke(event);
      const seen = [first, again, third].map(({ outcome }) => outcome).join(", ");
      return seen === "unavailable, allow, refused" ? [] : [`the caller sees: ${seen}`];
    },
  },
];

/** Runs a scenario with an authorizer of its own. */
export async function runScenario({ run, before }: Scenario): Promise<readonly string[]> {
  const world = await startWorld();
  let stand: Stand | undefined;
  try {
    const pepper = world.published.pepper;
    await before?.(world);
    stand = await startStand(world, pepper);
    return [...(await run(stand)), ...(await stand.authorizer.troubles())];
  } finally {
    await stand?.close();
    await world.close();
  }
}
