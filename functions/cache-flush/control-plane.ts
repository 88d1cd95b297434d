import type { Stage } from "./stages.ts";

/** Empties the authorizer caches of stages. */
export interface ControlPlane {
  /** Resolves when API Gateway has taken the request. When the cache is empty is not stated. */
  flush(stage: Stage): Promise<void>;
}

/** Milliseconds of one attempt. The client makes two. */
const ATTEMPT = 3000;

const options = (region: string) => ({
  region,
  maxAttempts: 2,
  requestHandler: { connectionTimeout: ATTEMPT, requestTimeout: ATTEMPT, throwOnRequestTimeout: true },
});

/** The control plane of API Gateway. The client of a kind of API is loaded for its first stage. */
export function apiGateway(): ControlPlane {
  const clients = new Map<string, Promise<ControlPlane>>();
  return {
    async flush(stage) {
      const { kind, region } = stage;
      const name = `${kind} ${region}`;
      const client = clients.get(name) ?? (kind === "rest" ? restClient(region) : httpClient(region));
      clients.set(name, client);
      await (await client).flush(stage);
    },
  };
}

async function restClient(region: string): Promise<ControlPlane> {
  const { APIGatewayClient, FlushStageAuthorizersCacheCommand } = await import("@aws-sdk/client-api-gateway");
  const client = new APIGatewayClient(options(region));
  return {
    async flush({ apiId: restApiId, stageName }) {
      await client.send(new FlushStageAuthorizersCacheCommand({ restApiId, stageName }));
    },
  };
}

async function httpClient(region: string): Promise<ControlPlane> {
  const { ApiGatewayV2Client, ResetAuthorizersCacheCommand } = await import("@aws-sdk/client-apigatewayv2");
  const client = new ApiGatewayV2Client(options(region));
  return {
    async flush({ apiId: ApiId, stageName: StageName }) {
      await client.send(new ResetAuthorizersCacheCommand({ ApiId, StageName }));
    },
  };
}
