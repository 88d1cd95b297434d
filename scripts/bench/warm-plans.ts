import { issueKey, issueResponses, mintTokens } from "./credentials.ts";
import { ALGORITHMS, type World } from "./world.ts";
import { type Bundle, ours } from "./yardsticks.ts";

/** A bundle with its variables. `sallyport/database` is Sallyport with the embedded DynamoDB instead of the stub. */
export type Contestant = Bundle | "sallyport/database" | "get-item/database";

export interface Plan {
  /** The kind of decision. */
  readonly what: string;
  readonly by: readonly Contestant[];
  /** Decisions in each round of a full run. */
  readonly count: number;
  /** Scheme before the credential; absent for yardsticks that take only the credential. */
  readonly scheme: string;
  readonly fresh: boolean;
  readonly credentials: (count: number) => Promise<readonly string[]> | readonly string[];
}

/** The kinds of decisions in a run, each with its bundles. */
export async function plansOf(world: World): Promise<Plan[]> {
  const { id, key } = await issueKey(world);
  const [again = ""] = mintTokens(world, "RS256", 1);
  const perAlgorithm = ALGORITHMS.flatMap((algorithm): Plan[] => {
    const token = mintTokens(world, algorithm, 1);
    const alone: Contestant[] = [
      "jose",
      "jose-logged",
      "aws-jwt-verify",
      ...(algorithm === "EdDSA" ? [] : ["jsonwebtoken" as const]),
    ];
    const authorizers: Contestant[] = [...(algorithm === "EdDSA" ? [] : ["auth0-sample" as const]), "aws-powertools"];
    const shared = { scheme: "Bearer" };
    const mint = (count: number) => mintTokens(world, algorithm, count);
    return [
      {
        ...shared,
        what: `${algorithm} first`,
        by: [...ours(), ...alone, ...authorizers],
        count: 200,
        fresh: true,
        credentials: mint,
      },
      {
        ...shared,
        what: `${algorithm} again`,
        by: [...ours(), ...authorizers],
        count: 400,
        fresh: false,
        credentials: () => token,
      },
    ];
  });
  const tokensWithKey = (count: number) => mintTokens(world, "RS256", count).map((token) => `${token}, ApiKey ${key}`);
  const [response = ""] = issueResponses(world, 1);
  const saml = { scheme: "SAML" };
  return [
    {
      what: "log line and metric alone",
      by: ["empty"],
      count: 400,
      scheme: "Bearer",
      fresh: false,
      credentials: () => [again],
    },
    ...perAlgorithm,
    {
      what: "API key",
      by: [...ours(), "sallyport/database"],
      count: 200,
      scheme: "ApiKey",
      fresh: false,
      credentials: () => [key],
    },
    {
      what: "GetItem",
      by: ["get-item", "get-item/database"],
      count: 200,
      scheme: "",
      fresh: false,
      credentials: () => [id],
    },
    {
      what: "RS256 first with API key",
      by: ours(),
      count: 200,
      scheme: "Bearer",
      fresh: true,
      credentials: tokensWithKey,
    },
    {
      what: "RS256 again with API key",
      by: ours(),
      count: 200,
      scheme: "Bearer",
      fresh: false,
      credentials: () => [`${again}, ApiKey ${key}`],
    },
    {
      ...saml,
      what: "SAML first",
      by: [...ours(), "node-saml"],
      count: 20,
      fresh: true,
      credentials: (count) => issueResponses(world, count),
    },
    { ...saml, what: "SAML again", by: ours(), count: 400, fresh: false, credentials: () => [response] },
  ];
}
