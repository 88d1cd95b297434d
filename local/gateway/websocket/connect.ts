import { evaluate } from "../../../iam/evaluate.ts";
import { stageArn } from "../../events/arn.ts";
import type { WebSocketApi } from "../api.ts";
import { checkOutput } from "../authorizer-output.ts";
import { conditionKeys } from "../condition-keys.ts";
import { identityValues, missingSources } from "../identity-source.ts";
import type { Invoker } from "../invoker.ts";
import { denialMessage, endOf, isUnauthorized, NOT_IN_POLICY, OUTPUT_REFUSED } from "../refusal.ts";
import type { GatewaySettings } from "../settings.ts";
import { decisionIn, type Trail } from "../trail.ts";
import { type Connection, routeEvent } from "./event.ts";

/** The HTTP response to a refused handshake. */
export interface Refusal {
  readonly status: 401 | 403 | 500;
  readonly message: string;
}

const FAILED: Refusal = { status: 500, message: "Internal server error" };
const UNAUTHORIZED: Refusal = { status: 401, message: "Unauthorized" };

/**
 * Calls the authorizer of `$connect`, and stores its context with the connection (API Gateway developer guide, "Control
 * access to WebSocket APIs with AWS Lambda REQUEST authorizers"). Nothing is cached. The resource is
 * `{api}/{stage}/$connect`.
 *
 * @returns the reason of a refusal; undefined if the handshake may continue
 */
export async function authorizeConnection(
  api: WebSocketApi,
  connection: Connection,
  functions: Invoker,
  settings: GatewaySettings,
  trail: Trail,
): Promise<Refusal | undefined> {
  const authorizer = api.authorizer === undefined ? undefined : api.authorizers[api.authorizer];
  if (!authorizer) return undefined;
  const { handshake } = connection;
  if (!identityValues(authorizer.sources, handshake, api.stageVariables, {})) {
    trail.ends("unauthenticated", missingSources(authorizer.sources, handshake, api.stageVariables, {}));
    return UNAUTHORIZED;
  }
  const arn = `${stageArn(api)}/$connect`;
  const { isBase64Encoded: _, ...common } = routeEvent(api, connection, {
    key: "$connect",
    type: "CONNECT",
    time: handshake.time,
  });
  const event = { type: "REQUEST", methodArn: arn, ...common };
  const { result, error, log } = await functions.invoke(authorizer.function, event);
  const decision = decisionIn(log);
  trail.decidedBy("function", decision);
  if (error !== undefined) {
    const isRefusal = isUnauthorized(error, settings);
    trail.ends(...endOf(decision, isRefusal));
    return isRefusal ? UNAUTHORIZED : FAILED;
  }
  try {
    const { policyDocument, context, principalId } = checkOutput(result, settings.resultLimit);
    const { effect } = evaluate(policyDocument, { resource: arn, context: conditionKeys(handshake) });
    if (effect !== "allow") {
      trail.ends("deny", NOT_IN_POLICY);
      return { status: 403, message: denialMessage(effect, settings) };
    }
    trail.ends("allow");
    connection.authorizer = {
      ...Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
      principalId,
    };
    return undefined;
  } catch {
    trail.ends("error", OUTPUT_REFUSED);
    return FAILED;
  }
}
