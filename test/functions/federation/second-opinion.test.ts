import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Judged } from "../../../functions/federation/login/judge.ts";
import type { Services } from "../../../functions/federation/services.ts";
import { createSigningIdentity } from "../../../local/stage/saml/signing.ts";
import { createHarness, type Harness } from "./harness.ts";

let login: Harness;
beforeAll(async () => {
  login = await createHarness();
});
afterAll(() => login.close());
beforeEach(() => {
  login.events.length = 0;
});

/** A login whose strict verifier reads something else than is written, as if one of the two had a mistake. */
async function answered(changed: (judged: Judged) => Partial<Judged>, replaced: Partial<Services> = {}) {
  const begun = await login.begin();
  const judge = {
    ...login.services.judge,
    judge: async (...given: Parameters<Services["judge"]["judge"]>) => {
      const judged = await login.services.judge.judge(...given);
      return { ...judged, ...changed(judged) };
    },
  };
  return login.post(begun, login.respond(begun), {}, { judge, ...replaced });
}

const disagreement = () => login.events.find(({ name }) => name === "VerifiersDisagree")?.detail;

describe("a login is refused if node-saml reads, in what both accept,", () => {
  const changes: [string, (judged: Judged) => Partial<Judged>][] = [
    ["another issuer", ({ facts }) => ({ facts: { ...facts, issuer: "https://other.example" } })],
    ["another name", ({ facts }) => ({ facts: { ...facts, nameId: "mallory" } })],
    ["another attribute", ({ facts }) => ({ facts: { ...facts, attributes: new Map([["roles", ["user"]]]) } })],
  ];
  test.each(changes)("%s", async (_, changed) => {
    const answer = await answered(changed);
    expect(answer.to.get("error")).toBe("access_denied");
    expect(answer.to.has("code")).toBe(false);
    expect(disagreement()).toMatchObject({ opinion: "contradicts" });
    expect(login.events.at(-1)).toMatchObject({ name: "LoginFailed", detail: { reason: "verifiers_disagree" } });
    expect(JSON.stringify(login.events)).not.toMatch(/mallory|alice|buyer/);
  });
});

describe("a refusal of node-saml alone", () => {
  const broken = ({ xml }: Judged) => ({ xml: xml.replace(/<ds:SignatureValue>|<SignatureValue>/, "$&AAAA") });

  test("is told of, and the login goes on", async () => {
    expect((await answered(broken)).to.get("code")).toBeTruthy();
    expect(disagreement()).toMatchObject({ opinion: "refuses" });
  });

  test("refuses the login by setting", async () => {
    const config = { ...login.services.config, secondOpinion: "refuse" } as const;
    expect((await answered(broken, { config })).to.get("error")).toBe("access_denied");
  });
});

test("node-saml is not asked about what it does not understand: a key that is not RSA", async () => {
  const curve = await createSigningIdentity({ curve: "P-256" });
  const own = await createHarness((config) => ({
    ...config,
    saml: {
      ...(config.saml as NonNullable<typeof config.saml>),
      identityProviders: (config.saml?.identityProviders ?? []).map((entry) => ({
        ...entry,
        ...(entry.login?.connection === "acme" && { certificates: [curve.certificate] }),
      })),
    },
  }));
  const begun = await own.begin();
  const response = own.respond(begun, {}, { algorithm: "ecdsa-sha256" }, curve);
  expect((await own.post(begun, response)).to.get("code")).toBeTruthy();
  expect(own.events.map(({ name }) => name)).toEqual(["LoginSucceeded"]);
});

describe("an answer that nobody asked for, at a connection that restarts", () => {
  const restarting = (): Partial<Services> => ({
    connections: new Map(
      [...login.services.connections].map(([name, connection]) => [
        name,
        { ...connection, login: { ...connection.login, unsolicited: { restart: "https://app.example.com/login" } } },
      ]),
    ),
  });

  test("leads to the application's page of the configuration, with nothing of the caller's, and yields no code", async () => {
    const begun = await login.begin();
    const form = { SAMLResponse: login.respond(begun), RelayState: "https://evil.example/?code=1" };
    const answer = await login.send("POST /saml/{connection}/acs", { connection: "acme", form }, restarting());
    expect(answer).toMatchObject({ status: 303, cookies: [] });
    expect(answer.headers.Location).toBe(
      "https://app.example.com/login?iss=https%3A%2F%2Flogin.example.com&connection=acme",
    );
  });
});
