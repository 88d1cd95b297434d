import { holds } from "../../iam/condition.ts";
import { type Effect, evaluate } from "../../iam/evaluate.ts";
import { type ParsedStatement, parsePolicy } from "../../iam/parse.ts";
import { matches } from "./glob.ts";
import type { Use } from "./types.ts";

/** The API whose stage `prod` all requests are for. */
export const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234";

/** How often an answer is compared with what local/iam says when it is asked itself. */
const CHECK_EVERY = 64;

/**
 * Reads a policy once, and then says what it makes of each use. It is local/iam's evaluation with the reading of the policy and the
 * conditions of one instant and address remembered, which is most of its time; every 64th answer is compared with local/iam's own.
 *
 * @throws {PolicyError} for a policy that IAM does not take
 */
export function readPolicy(policy: unknown): { statements: readonly ParsedStatement[]; effect: (use: Use) => Effect } {
  const statements = parsePolicy(policy, "identity");
  const inForce = new Map<string, readonly ParsedStatement[]>();
  let asked = 0;
  return {
    statements,
    effect: (use) => {
      const key = `${use.time} ${use.address}`;
      const applying = inForce.get(key) ?? inForceAt(statements, use);
      inForce.set(key, applying);
      const effect = effectOf(applying, use);
      asked += 1;
      if (asked % CHECK_EVERY === 1 && evaluate(policy, requestOf(use)).effect !== effect) {
        throw new Error(`The quick evaluation says ${effect}, local/iam does not: ${JSON.stringify(use)}`);
      }
      return effect;
    },
  };
}

function inForceAt(statements: readonly ParsedStatement[], use: Use): ParsedStatement[] {
  const { context } = requestOf(use);
  return statements.filter(({ conditions }) => conditions.every((condition) => holds(condition, context)));
}

function effectOf(applying: readonly ParsedStatement[], use: Use): Effect {
  const { resource } = requestOf(use);
  const concerning = applying.filter(
    ({ resources: { patterns, negated } }) => patterns.some((pattern) => matches(pattern, resource)) !== negated,
  );
  if (concerning.some(({ effect }) => effect === "Deny")) return "explicit-deny";
  return concerning.length > 0 ? "allow" : "implicit-deny";
}

function requestOf({ time, address, method, path }: Use) {
  const context = {
    "aws:currenttime": `${new Date(time * 1000).toISOString().slice(0, 19)}Z`,
    "aws:sourceip": address,
  };
  return { resource: `${API}/prod/${method}${path}`, context };
}
