import { describe, expect, test } from "vitest";
import { soundVerdict } from "../../providers/sound-verdict.ts";
import { NOW } from "../fixtures.ts";

const judge = (authentication: unknown) =>
  soundVerdict(
    {
      status: "authenticated",
      principal: {
        ...{ provider: "session", subject: "alice", kind: "user", issuer: "https://sessions.example.com" },
        ...{ scopes: [], roles: [], attributes: {}, authentication },
      },
    },
    NOW,
  );

describe("how a person signed in, by a provider of one's own", () => {
  test.each([[{ contextClass: "high", methods: ["mfa"], time: NOW }], [{ time: NOW }], [{}], [undefined]])(
    "counts if it is %j",
    (authentication) => {
      expect(judge(authentication)).toMatchObject({
        status: "authenticated",
        principal: authentication === undefined ? {} : { authentication },
      });
    },
  );

  test.each([
    [null],
    ["mfa"],
    [["mfa"]],
    [{ contextClass: 1 }],
    [{ methods: "mfa" }],
    [{ methods: [1] }],
    [{ methods: [""] }],
    [{ time: "1" }],
  ])("is trouble if it is %j: it could stand for no limit", (authentication) => {
    expect(judge(authentication)).toMatchObject({ status: "unavailable", reason: "provider_failed" });
  });

  test.each([
    ["in milliseconds", NOW * 1000],
    ["in the future", NOW + 301],
  ])("has no time if that is %s: it would be fresh", (_what, time) => {
    const verdict = judge({ contextClass: "high", time });
    expect(verdict).toMatchObject({ principal: { authentication: { contextClass: "high" } } });
    expect(verdict).not.toHaveProperty("principal.authentication.time");
    expect(judge({ time: NOW + 300 })).toHaveProperty("principal.authentication.time", NOW + 300);
  });

  test("is a copy: what the provider changes later does not count", () => {
    const methods = ["pwd"];
    const verdict = judge({ methods });
    methods.push("mfa");
    expect(verdict).toMatchObject({ principal: { authentication: { methods: ["pwd"] } } });
  });
});
