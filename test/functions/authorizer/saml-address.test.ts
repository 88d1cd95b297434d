import { describe, expect, test } from "vitest";
import { authorize } from "../../../functions/authorizer/authorize.ts";
import { evaluate } from "../../../iam/evaluate.ts";
import { ASSERTION_ID, assertionXml, encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import type { Credential } from "../../../shared/domain/request/credential.ts";
import { API, configOf, NOW, requestFor } from "../../fixtures.ts";
import { identity, OPTIONS, providerOf, RECIPIENT } from "../../providers/saml/fixture.ts";

/** From an assertion that names its caller's address to the policy. */
const HERE = "203.0.113.7";

function credentialOf(confirmation: string): Credential {
  const xml = assertionXml(OPTIONS).replace(`Recipient="${RECIPIENT}"`, confirmation);
  const value = encodeXml(signXml(xml, ASSERTION_ID, identity), "deflate");
  return { scheme: "saml", value, location: { in: "header", name: "authorization" } };
}

async function decisionOn(address: string | undefined, bindAddress: boolean) {
  const confirmation = `Recipient="${RECIPIENT}"${address === undefined ? "" : ` Address="${address}"`}`;
  const source = { address: HERE, viaVpcEndpoint: false };
  const request = requestFor("GET", "/whoami", { credentials: [credentialOf(confirmation)], source });
  const authorizer = { config: configOf({ policy: { bindAddress } }), providers: [providerOf()] };
  const { decision } = await authorize(request, authorizer, new AbortController().signal);
  return decision;
}

async function effectFrom(place: string, address: string | undefined, bindAddress: boolean) {
  const decision = await decisionOn(address, bindAddress);
  if (decision.outcome !== "allow") throw new Error("not allowed");
  const context = { "aws:sourceip": place, "aws:currenttime": new Date(NOW * 1000).toISOString() };
  return evaluate(decision.policy, { resource: `${API}/prod/GET/whoami`, context }).effect;
}

describe("the policy for an assertion that names its caller's address", () => {
  test.each([true, false])("allows that address only, with policy.bindAddress: %s", async (bindAddress) => {
    expect(await effectFrom(HERE, HERE, bindAddress)).toBe("allow");
    expect(await effectFrom("203.0.113.8", HERE, bindAddress)).toBe("explicit-deny");
  });

  test.each(["0.0.0.0/0", "::/0", `${HERE}/32`, "203.0.113.8"])(
    "is none for %s, with policy.bindAddress: false",
    async (address) => {
      expect(await decisionOn(address, false)).toMatchObject({
        outcome: "unauthenticated",
        reason: "assertion_address_mismatch",
      });
    },
  );

  test("allows every address for an assertion that names none, with policy.bindAddress: false", async () => {
    expect(await effectFrom("203.0.113.8", undefined, false)).toBe("allow");
    expect(await effectFrom("203.0.113.8", undefined, true)).toBe("explicit-deny");
  });
});
