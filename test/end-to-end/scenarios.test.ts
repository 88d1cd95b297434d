import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../local/bundle-host.ts";
import { evaluate } from "../../local/iam/evaluate.ts";
import { eventFor, SCENARIOS, type Scenario } from "../../local/scenarios.ts";
import { startWorld, type World } from "../../local/world.ts";
import { instant, MAX_RESULT_LENGTH, type PolicyDocument } from "../../shared/policy/document.ts";

/** Every scenario through the built authorizer, with an OpenID provider, a SAML identity provider and a DynamoDB on this machine. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const ADDRESS = "203.0.113.7";
const time = Math.floor(Date.now() / 1000);

async function invoke(scenario: Scenario) {
  const event = await eventFor(scenario, world.issuersAt(time), time, { address: ADDRESS });
  return { event, answer: await world.authorizer.invoke(event) };
}

const outcomeLine = ({ log }: Answer) => log.filter((line) => "outcome" in line && "message" in line);

const policyOf = ({ result }: Answer) => (result as { policyDocument: PolicyDocument }).policyDocument;

function effectOf(answer: Answer, resource: string, from: string, at: number) {
  const context = { "aws:currenttime": instant(at), "aws:sourceip": from };
  return evaluate(policyOf(answer), { resource, context });
}

describe.each(SCENARIOS)("$title", (scenario) => {
  test(`is answered with ${scenario.outcome}${scenario.reason ? ` for ${scenario.reason}` : ""}`, async () => {
    const { event, answer } = await invoke(scenario);
    const [line, ...more] = outcomeLine(answer);
    expect(line).toMatchObject({ outcome: scenario.outcome, ...(scenario.reason && { reason: scenario.reason }) });
    expect(more).toEqual([]);

    if (scenario.outcome === "unauthenticated") {
      expect(answer).toMatchObject({ error: "Unauthorized" });
      expect(answer.result).toBeUndefined();
    } else if (scenario.outcome === "unavailable") {
      expect(answer).toMatchObject({ error: "unavailable" });
      expect(answer.result).toBeUndefined();
    } else {
      const allowed = scenario.outcome === "allow";
      expect(answer.error).toBeUndefined();
      expect(Object(answer.result).context.reason).toBe(scenario.reason);
      expect(effectOf(answer, event.methodArn, ADDRESS, time)).toBe(allowed ? "allow" : "explicit-deny");
      expect(JSON.stringify(answer.result).length).toBeLessThanOrEqual(MAX_RESULT_LENGTH);
    }
  });

  test("leaves nothing that the caller sent in the log", async () => {
    const { event, answer } = await invoke(scenario);
    const sent = event.type === "TOKEN" ? [event.authorizationToken] : Object.values(Object(event.headers));
    const secrets = sent
      .flatMap((value) => String(value).split(/[ ,]+/))
      .filter((value) => value.length > 20 && !value.includes("amazonaws"));
    const log = JSON.stringify(answer.log);
    expect(log.length).toBeGreaterThan(100);
    const parts = secrets.flatMap((value) => value.split(".")).filter(({ length }) => length > 2);
    for (const text of [...parts, "alice", "acme", "globex", ADDRESS]) expect(log).not.toContain(text);
  });
});

describe.each(SCENARIOS.filter(({ outcome, token }) => outcome === "allow" && !token))(
  "the policy for $title",
  (scenario) => {
    test("allows from no other address, and never after the credential's end", async () => {
      const { event, answer } = await invoke(scenario);
      const { expiresAt } = Object(answer.result).context;
      expect(effectOf(answer, event.methodArn, "198.51.100.1", time)).toBe("explicit-deny");
      expect(effectOf(answer, event.methodArn, ADDRESS, expiresAt - 1)).toBe("allow");
      expect(effectOf(answer, event.methodArn, ADDRESS, expiresAt)).toBe("explicit-deny");
    });

    test("names no other stage, and not all of its own", async () => {
      const { event, answer } = await invoke(scenario);
      const other = event.methodArn.replace("/prod/", "/test/");
      expect(effectOf(answer, other, ADDRESS, time)).not.toBe("allow");
      expect(effectOf(answer, event.methodArn.replace(/GET.*|POST.*/, "GET/unheard/of"), ADDRESS, time)).toBe(
        "explicit-deny",
      );
    });
  },
);
