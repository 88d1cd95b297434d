import { holds } from "../../iam/condition.ts";
import { type Effect, evaluate } from "../../iam/evaluate.ts";
import { type ParsedStatement, parsePolicy } from "../../iam/parse.ts";
import { matches } from "./glob.ts";
import type { Use } from "./types.ts";

/** The API whose stage `prod` all requests are for. */
export const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234";

/** One answer in this many is compared with an evaluation by iam/. */
const CHECK_EVERY = 64;

/**
 * Parses a policy once and evaluates it for each use. It works like iam/, but caches the parsed policy and the
 * conditions of one instant and address, which saves most of the time. Every 64th answer is compared with the result of
 * iam/.
 *
 * @throws {PolicyError} for a policy that IAM does not accept
 */
export function readPolicy(policy: unknown): { statements: readonly ParsedStatement[]; effect: (use: Use) => Effect } {
  const statements = parsePolicy(policy, "identity");
  const inForce = new Map<string, readonly ParsedStatement[]>();
  let asked = 0;
  return {
    statements,
    effect: (use) => {
      const key = `${use.time} ${use.address} ${use.vpcEndpoint}`;
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

function requestOf({ time, address, vpcEndpoint, method, path }: Use) {
  const context = {
    "aws:currenttime": `${new Date(time * 1000).toISOString().slice(0, 19)}Z`,
    "aws:sourceip": address,
    ...(vpcEndpoint !== undefined && { "aws:sourcevpce": vpcEndpoint }),
  };
  return { resource: `${API}/prod/${method}${path}`, context };
}
