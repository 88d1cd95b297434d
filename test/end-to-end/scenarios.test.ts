import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../iam/evaluate.ts";
import type { Answer } from "../../local/hosts/host.ts";
import { eventFor, SCENARIOS, type Scenario } from "../../local/stage/scenarios.ts";
import { startWorld, type World } from "../../local/stage/world.ts";
import { instant, MAX_RESULT_LENGTH, type PolicyDocument } from "../../shared/domain/policy/document.ts";
import { host, missing } from "./host-under-test.ts";

/**
 * Every scenario, sent to the built authorizer in the host under test, with an OpenID provider, a SAML identity
 * provider and a DynamoDB on this machine.
 */

let world: World;
beforeAll(async () => {
  if (!missing) world = await startWorld({ host });
});
afterAll(() => world?.close());

const ADDRESS = "203.0.113.7";
const time = Math.floor(Date.now() / 1000);

/** Not every host lets the function reach this machine: there is no introspection server then. */
const REACHED = SCENARIOS.filter(({ asks }) => !asks || host.address() === "127.0.0.1");

const answers = new Map<Scenario, ReturnType<typeof send>>();

/** Each scenario is sent once, and several tests check its answer. */
function invoke(scenario: Scenario) {
  const answer = answers.get(scenario) ?? send(scenario);
  answers.set(scenario, answer);
  return answer;
}

async function send(scenario: Scenario) {
  const event = await eventFor(scenario, world.issuersAt(time), time, { address: ADDRESS });
  const { methodArn, authorizationToken, headers } = event as {
    methodArn: string;
    authorizationToken?: string;
    headers?: object;
  };
  const sent = authorizationToken === undefined ? Object.values(headers ?? {}) : [authorizationToken];
  return { methodArn, sent, answer: await world.authorizer.invoke(event) };
}

const outcomeLine = ({ log }: Answer) => log.filter((line) => "outcome" in line && "message" in line);

const policyOf = ({ result }: Answer) => (result as { policyDocument: PolicyDocument }).policyDocument;

function effectOf({ vpcEndpoint }: Scenario, answer: Answer, resource: string, from: string, at: number) {
  const source: Record<string, string> =
    vpcEndpoint === undefined ? { "aws:sourceip": from } : { "aws:vpcsourceip": from, "aws:sourcevpce": vpcEndpoint };
  const context = { "aws:currenttime": instant(at), ...source };
  return evaluate(policyOf(answer), { resource, context }).effect;
}

describe.skipIf(missing).each(REACHED)("$title", (scenario) => {
  test(`is answered with ${scenario.outcome}${scenario.reason ? ` for ${scenario.reason}` : ""}`, async () => {
    const { methodArn, answer } = await invoke(scenario);
    const [line, ...more] = outcomeLine(answer);
    expect(line).toMatchObject({ outcome: scenario.outcome, ...(scenario.reason && { reason: scenario.reason }) });
    expect(more).toEqual([]);

    if (scenario.challenged) {
      expect(Object(answer.result).context).toMatchObject({ reason: scenario.reason, dpopNonce: expect.any(String) });
      expect(effectOf(scenario, answer, methodArn, ADDRESS, time)).toBe("explicit-deny");
    } else if (scenario.outcome === "unauthenticated") {
      expect(answer).toMatchObject({ error: "Unauthorized" });
      expect(answer.result).toBeUndefined();
    } else if (scenario.outcome === "unavailable") {
      expect(answer).toMatchObject({ error: "unavailable" });
      expect(answer.result).toBeUndefined();
    } else {
      const allowed = scenario.outcome === "allow";
      expect(answer.error).toBeUndefined();
      expect(Object(answer.result).context.reason).toBe(scenario.reason);
      expect(effectOf(scenario, answer, methodArn, ADDRESS, time)).toBe(allowed ? "allow" : "explicit-deny");
      expect(JSON.stringify(answer.result).length).toBeLessThanOrEqual(MAX_RESULT_LENGTH);
    }
  });

  test("leaves nothing that the caller sent in the log", async () => {
    const { sent, answer } = await invoke(scenario);
    const secrets = sent
      .flatMap((value) => String(value).split(/[ ,]+/))
      .filter((value) => value.length > 20 && !value.includes("amazonaws"));
    const log = JSON.stringify(answer.log);
    expect(log.length).toBeGreaterThan(100);
    const parts = secrets.flatMap((value) => value.split(".")).filter(({ length }) => length > 2);
    for (const text of [...parts, "alice", "acme", "globex", ADDRESS]) expect(log).not.toContain(text);
  });
});

describe.skipIf(missing).each(REACHED.filter(({ outcome, api }) => outcome === "allow" && !api))(
  "the policy for $title",
  (scenario) => {
    test("allows only the caller's address, and nothing after the end of the credential or of the cache entry", async () => {
      const { methodArn, answer } = await invoke(scenario);
      const { expiresAt = Number.POSITIVE_INFINITY } = Object(answer.result).context;
      const [, text = ""] = /"DateLessThan":\{"aws:CurrentTime":"([^"]+)"/.exec(JSON.stringify(answer.result)) ?? [];
      const end = Date.parse(text) / 1000;
      expect(end).toBeLessThanOrEqual(Math.min(expiresAt, time + 3660));
      expect(effectOf(scenario, answer, methodArn, "198.51.100.1", time)).toBe("explicit-deny");
      expect(effectOf(scenario, answer, methodArn, ADDRESS, end - 1)).toBe("allow");
      expect(effectOf(scenario, answer, methodArn, ADDRESS, end)).toBe("explicit-deny");
    });

    test("names no other stage, and not every route of its own", async () => {
      const { methodArn, answer } = await invoke(scenario);
      const other = methodArn.replace("/prod/", "/test/");
      expect(effectOf(scenario, answer, other, ADDRESS, time)).not.toBe("allow");
      expect(effectOf(scenario, answer, methodArn.replace(/GET.*|POST.*/, "GET/unheard/of"), ADDRESS, time)).toBe(
        "explicit-deny",
      );
    });
  },
);
