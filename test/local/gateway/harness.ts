import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Functions } from "../../../local/gateway/functions.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../../local/gateway/gateway.ts";
import { readStack } from "../../../local/gateway/template/read.ts";
import { UsagePlans } from "../../../local/gateway/usage-plans.ts";

/** An authorizer that does what its token says (see `plan`), and a backend that answers with its event. */
const AUTHORIZER = `
  export const handler = async (event) => {
    const headers = Object.fromEntries(Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    const token = headers.authorization ?? event.authorizationToken ?? event.queryStringParameters?.token ?? "";
    const { thrown, result, wait, log } = JSON.parse(Buffer.from(token.replace(/^Bearer /, ""), "base64url").toString() || "{}");
    if (log) console.log(JSON.stringify(log));
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    if (thrown) throw new Error(thrown);
    const arn = event.methodArn ?? event.routeArn;
    return JSON.parse(JSON.stringify(result ?? null).replaceAll("$LONG", "x".repeat(8192)).replaceAll("$ARN", arn).replaceAll("$STAGE", arn.split("/").slice(0, 2).join("/")));
  };`;
const BACKEND = `
  export const handler = async (event) => ({
    statusCode: Number(event.queryStringParameters?.status ?? 200),
    headers: { "Content-Type": "application/json", Server: "mine", ...(event.requestContext.eventType === "CONNECT" && { "Sec-WebSocket-Protocol": "chat" }) },
    body: JSON.stringify(event),
  });`;

/**
 * A token with instructions for the authorizer. `$ARN`, `$STAGE` and `$LONG` (8 KiB of text) are replaced in the
 * result.
 */
export const plan = (what: { thrown?: string; result?: unknown; wait?: number; log?: object }) =>
  `Bearer ${Buffer.from(JSON.stringify(what)).toString("base64url")}`;

/** An authorizer's output with a policy of these statements. */
export const output = (statements: object[], rest: object = {}) => ({
  principalId: "me",
  policyDocument: {
    Version: "2012-10-17",
    Statement: statements.map((one) => ({ Action: "execute-api:Invoke", ...one })),
  },
  ...rest,
});

export const allow = (Resource: string, Condition?: object) => ({
  Effect: "Allow",
  Resource,
  ...(Condition && { Condition }),
});
export const deny = (Resource: string) => ({ Effect: "Deny", Resource });

/** A token that allows everything on the stage. */
export const ALLOWED = plan({ result: output([allow("$STAGE/*")], { context: { user: "me", level: 3, vip: true } }) });

export interface Harness extends Gateway {
  readonly functions: Functions;
  /** The gateway's clock, in milliseconds since the epoch. */
  now(): number;
  /** Puts the gateway's clock forward. */
  later(seconds: number): void;
}

/** Starts a gateway for a template with the functions `Auth` and `Back`. */
export async function startHarness(
  template: string,
  options: Pick<GatewayOptions, "settings" | "usagePlans" | "tls" | "onRequest"> = {},
): Promise<Harness> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sallyport-gateway-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  for (const [name, code] of [
    ["auth", AUTHORIZER],
    ["back", BACKEND],
  ] as const) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "index.mjs"), code);
  }
  const file = join(folder, "template.yaml");
  const functions = `
  Auth: { Type: AWS::Serverless::Function, Properties: { CodeUri: auth, Handler: index.handler, Timeout: 1 } }
`;
  await writeFile(file, `Transform: AWS::Serverless-2016-10-31\nResources:${functions}${template}`);
  const stack = await readStack(file);
  const pool = new Functions(stack.functions, folder, (_, own) => own);
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const gateway = await startGateway({
    usagePlans: new UsagePlans(stack.keys),
    ...options,
    apis: stack.apis,
    functions: pool,
    now,
  });
  const running = cleanup.move();
  return {
    ...gateway,
    functions: pool,
    now,
    later: (seconds) => {
      ahead += seconds * 1000;
    },
    close: async () => {
      await Promise.all([gateway.close(), pool.close()]);
      await running.disposeAsync();
    },
  };
}
