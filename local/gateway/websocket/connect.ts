import { evaluate } from "../../../iam/evaluate.ts";
import { stageArn, type WebSocketApi } from "../api.ts";
import { checkOutput } from "../authorizer-output.ts";
import type { Invoker } from "../functions.ts";
import { identityValues } from "../identity-source.ts";
import { denialMessage, isUnauthorized } from "../refusal.ts";
import { conditionKeys } from "../rest/authorize.ts";
import type { GatewaySettings } from "../settings.ts";
import { type Connection, routeEvent } from "./event.ts";

/** A handshake that is refused, as the HTTP response it gets. */
export interface ConnectRefusal {
  readonly status: 401 | 403 | 500;
  readonly message: string;
}

const FAILED: ConnectRefusal = { status: 500, message: "Internal server error" };
const UNAUTHORIZED: ConnectRefusal = { status: 401, message: "Unauthorized" };

/**
 * Asks the authorizer of `$connect`, and keeps what it says for the connection (API Gateway developer guide, "Control access to WebSocket APIs with AWS Lambda REQUEST
 * authorizers"). Nothing is cached; resources are `{api}/{stage}/$connect`.
 */
export async function authorizeConnection(
  api: WebSocketApi,
  connection: Connection,
  functions: Invoker,
  settings: GatewaySettings,
): Promise<ConnectRefusal | undefined> {
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
