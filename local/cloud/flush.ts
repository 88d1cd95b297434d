/** A call that empties the authorizer cache of a stage. */
export interface Flush {
  /** The operation, by which faults are planned. */
  readonly operation: "FlushStageAuthorizersCache" | "ResetAuthorizersCache";
  /** Id or logical id of the API. */
  readonly api: string;
  readonly stage: string;
}

/** What a path of API Gateway's control plane flushes; undefined for any other path. */
export function flushIn(path: string): Flush | undefined {
  const [, version, api, stage] =
    /^\/(restapis|v2\/apis)\/([^/]+)\/stages\/([^/]+)\/cache\/authorizers$/.exec(path) ?? [];
  if (api === undefined || stage === undefined) return undefined;
  const operation = version === "restapis" ? "FlushStageAuthorizersCache" : "ResetAuthorizersCache";
  return { operation, api, stage };
}
