import { evaluate } from "../../../iam/evaluate.ts";
import { stageArn } from "../../events/arn.ts";
import type { WebSocketApi } from "../api.ts";
import { checkOutput } from "../authorizer-output.ts";
import { conditionKeys } from "../condition-keys.ts";
import { identityValues } from "../identity-source.ts";
import type { Invoker } from "../invoker.ts";
import { denialMessage, isUnauthorized } from "../refusal.ts";
import type { GatewaySettings } from "../settings.ts";
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
): Promise<Refusal | undefined> {
  const authorizer = api.authorizer === undefined ? undefined : api.authorizers[api.authorizer];
  if (!authorizer) return undefined;
  const { handshake } = connection;
  if (!identityValues(authorizer.sources, handshake, api.stageVariables, {})) return UNAUTHORIZED;
  const arn = `${stageArn(api)}/$connect`;
  const { isBase64Encoded: _, ...common } = routeEvent(api, connection, {
    key: "$connect",
    type: "CONNECT",
    time: handshake.time,
  });
  const { result, error } = await functions.invoke(authorizer.function, { type: "REQUEST", methodArn: arn, ...common });
  if (error !== undefined) return isUnauthorized(error, settings) ? UNAUTHORIZED : FAILED;
  try {
    const { policyDocument, context, principalId } = checkOutput(result, settings.resultLimit);
    const { effect } = evaluate(policyDocument, { resource: arn, context: conditionKeys(handshake) });
    if (effect !== "allow") return { status: 403, message: denialMessage(effect, settings) };
    connection.authorizer = {
      ...Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
      principalId,
    };
    return undefined;
  } catch {
    return FAILED;
  }
}
