/** A stage whose authorizer cache can be emptied. */
export interface Stage {
  readonly kind: "rest" | "http";
  readonly region: string;
  readonly apiId: string;
  readonly stageName: string;
  /** Its ARN from the kind on, which names it in the table of states. */
  readonly path: string;
}

/** `$default` is a stage of HTTP APIs. */
const ARN =
  /^arn:aws[a-z-]*:apigateway:([a-z0-9-]+)::\/((restapis|apis)\/([A-Za-z0-9]+)\/stages\/([\w$-]{1,128}))\/cache\/authorizers$/;

/**
 * Reads the list of stages: the ARNs of their authorizer caches, separated by commas. The function's role has the same.
 *
 * @throws {Error} with the ARN that is none
 */
export function readStages(list: string): Stage[] {
  return list
    .split(",")
    .map((arn) => arn.trim())
    .filter((arn) => arn !== "")
    .map((arn) => {
      const [, region = "", path = "", kind, apiId = "", stageName = ""] = ARN.exec(arn) ?? [];
      if (kind === undefined) throw new Error(`SALLYPORT_FLUSH_STAGES: ${arn} is no ARN of an authorizer cache.`);
      return { kind: kind === "restapis" ? "rest" : "http", region, apiId, stageName, path };
    });
}
