import { expect, test } from "vitest";
import { saml } from "../../../providers/saml/index.ts";
import type { ReplayStore } from "../../../providers/saml/replay.ts";
import type { Scheme } from "../../../shared/domain/request/credential.ts";
import { configOf } from "../../fixtures.ts";
import { answer, CONSUMED, startFaultyDatabase } from "../../shared/infrastructure/dynamodb/faulty-database.ts";
import { AUDIENCE, ISSUER, identity, issue, judge, OPTIONS, providerOf, RECIPIENT } from "./fixture.ts";

const config = (more: object = {}) =>
  configOf({
    saml: {
      ...{ audience: AUDIENCE, recipients: RECIPIENT, ...more },
      identityProviders: [{ issuer: ISSUER, certificates: [identity.certificate] }],
    },
  });
const oneTimeUse = issue({ oneTimeUse: true });

test("is the provider saml of a configuration with such a section, and of no other", () => {
  expect(saml(config())?.name).toBe("saml");
  const { saml: _, ...without } = config();
  expect(saml(without)).toBeUndefined();
});

test.each<[string, string, Scheme, boolean]>([
  ["anything", "x", "saml", true],
  ["a text that may begin with <", "PHNhbWw=", "bearer", true],
  ["the first such text", "PA==", "bearer", true],
  ["the last such text", "PP/=", "bearer", true],
  ["a text that begins behind <", "PQ==", "bearer", false],
  ["a text with < in its middle", "xPA==", "bearer", false],
  ["a text of another character", "QA==", "bearer", false],
  ["a text with < that is no bearer", "PA==", "other", false],
  ["a JWT", "PA.PA.PA", "bearer", false],
  ["a JWT of a long header", `P${"A".repeat(4094)}.`, "bearer", false],
  ["a text with a dot where no JWT has its first", `P${"A".repeat(4095)}.`, "bearer", true],
])("recognises %s (%s, %s): %s", (_what, value, scheme, expected) => {
  const credential = { value, scheme, location: { in: "header", name: "authorization" } } as const;
  expect(saml(config())?.recognises(credential)).toBe(expected);
});

test("refuses a credential by its length before anything else", async () => {
  const by = providerOf({}, { maxLength: 1024 });
  expect(await judge("!".repeat(1024), by)).toBe("assertion_malformed");
  expect(await judge("!".repeat(1025), by)).toBe("credential_too_large");
});

test("records uses in the table of the configuration", async () => {
  const { inputs } = await startFaultyDatabase(answer(CONSUMED));
  for (const by of [providerOf({}, { replayTable: "table" }), saml(config({ replayTable: "table" }))]) {
    expect(await judge(oneTimeUse, by)).toHaveProperty("subject", OPTIONS.subject);
  }
  expect(inputs.map(({ TableName }) => TableName)).toEqual(["table", "table"]);
});

test("records uses in a store of its own, which is opened once", async () => {
  const opened: string[] = [];
  const used: unknown[] = [];
  const record: ReplayStore["record"] = async (assertion) => used.push(assertion) === 1;
  const openReplayStore = async (table: string) => {
    opened.push(table);
    return { record };
  };
  const by = saml(config({ replayTable: "used" }), { openReplayStore });
  expect(await judge(oneTimeUse, by)).toHaveProperty("subject");
  expect(await judge(oneTimeUse, by)).toBe("assertion_replayed");
  expect(opened).toEqual(["used"]);
  expect(used).toHaveLength(2);
});
