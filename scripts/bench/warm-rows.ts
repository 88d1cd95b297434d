import { type Case, eventFrame, writeCase } from "./cases.ts";
import { issueKey, issueResponses, mintTokens } from "./credentials.ts";
import { type Subject, startSubject } from "./measured.ts";
import { type Length, needed, type Row } from "./rounds.ts";
import { ALGORITHMS, type World } from "./world.ts";
import { bundleOf, type Yardstick } from "./yardsticks.ts";

export interface Options extends Length {
  /** Part of the names of the rows that are wanted; empty for all. */
  readonly only: string;
}

/** A bundle with its variables: `sallyport/database` is Sallyport with the embedded DynamoDB in place of the stub. */
type Contestant = Yardstick | "sallyport" | "sallyport/database" | "get-item/database";

interface Plan {
  /** What is decided about. */
  readonly what: string;
  readonly by: readonly Contestant[];
  /** Decisions in a round, in a run of usual length. */
  readonly count: number;
  /** Scheme before the credential; none for those that take it alone. */
  readonly scheme: string;
  readonly fresh: boolean;
  readonly credentials: (count: number) => Promise<readonly string[]> | readonly string[];
}

/** Complete authorizers. */
const AUTHORIZERS: readonly Contestant[] = ["sallyport", "sallyport/database", "auth0-sample", "aws-powertools"];
/** What takes an event. */
const EVENT: readonly Contestant[] = [...AUTHORIZERS, "empty"];
const TABLE: readonly Contestant[] = ["sallyport", "sallyport/database"];

async function plansOf(world: World): Promise<Plan[]> {
  const { id, key } = await issueKey(world);
  const [again = ""] = mintTokens(world, "RS256", 1);
  const perAlgorithm = ALGORITHMS.flatMap((algorithm): Plan[] => {
    const token = mintTokens(world, algorithm, 1);
    const alone: Contestant[] = ["jose", "aws-jwt-verify", ...(algorithm === "EdDSA" ? [] : ["jsonwebtoken" as const])];
    const authorizers: Contestant[] = [...(algorithm === "EdDSA" ? [] : ["auth0-sample" as const]), "aws-powertools"];
    const shared = { scheme: "Bearer" };
    const mint = (count: number) => mintTokens(world, algorithm, count);
    return [
      {
        ...shared,
        what: `${algorithm} first`,
        by: ["sallyport", ...alone, ...authorizers],
        count: 200,
        fresh: true,
        credentials: mint,
      },
      {
        ...shared,
        what: `${algorithm} again`,
        by: ["sallyport", ...authorizers],
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
    { what: "API key", by: TABLE, count: 200, scheme: "ApiKey", fresh: false, credentials: () => [key] },
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
      by: ["sallyport"],
      count: 200,
      scheme: "Bearer",
      fresh: true,
      credentials: tokensWithKey,
    },
    {
      what: "RS256 again with API key",
      by: ["sallyport"],
      count: 200,
      scheme: "Bearer",
      fresh: false,
      credentials: () => [`${again}, ApiKey ${key}`],
    },
    {
      ...saml,
      what: "SAML first",
      by: ["sallyport", "node-saml"],
      count: 20,
      fresh: true,
      credentials: (count) => issueResponses(world, count),
    },
    { ...saml, what: "SAML again", by: ["sallyport"], count: 400, fresh: false, credentials: () => [response] },
  ];
}

/** A refusal would be cheap. */
async function demandAllow(subject: Subject, file: string, row: string): Promise<void> {
  const { answer } = await subject.answer(file);
  if (!answer.includes('"Effect":"Allow"')) throw new Error(`${row} does not allow: ${answer}`);
}

/** The name of a row: what is decided, and by whom. */
export const rowName = (what: string, by: Contestant) => `${what} · ${by}`;

export interface WarmRows {
  readonly rows: readonly Row[];
  close(): void;
}

/** Prepares the rows whose names match: processes, and credentials for all rounds. */
export async function prepareWarm(world: World, options: Options): Promise<WarmRows> {
  const subjects = new Map<string, Promise<Subject>>();
  const configured = await world.configured("warm", world.config);
  const start = (by: Contestant) => {
    const [bundle, place] = by.split("/") as [Yardstick | "sallyport", string?];
    const table = place === "database" ? { AWS_ENDPOINT_URL_DYNAMODB: world.database } : {};
    return startSubject(bundleOf(bundle), { ...world.environment, ...configured, ...table });
  };
  const rows: Row[] = [];
  for (const { what, by, count: usual, scheme, fresh, credentials } of await plansOf(world)) {
    const count = options.quick ? 2 : usual;
    const wanted = by.filter((each) => rowName(what, each).toLowerCase().includes(options.only.toLowerCase()));
    if (wanted.length === 0) continue;
    const content: Case = { fresh, credentials: await credentials(fresh ? needed(options, count) : 1) };
    for (const each of wanted) {
      const frame = EVENT.includes(each) && { frame: eventFrame(scheme, world.time) };
      const file = await writeCase(world, `${what} ${frame ? "event" : "alone"}`, { ...content, ...frame });
      const subject = subjects.get(each) ?? start(each);
      subjects.set(each, subject);
      if (AUTHORIZERS.includes(each)) await demandAllow(await subject, file, rowName(what, each));
      rows.push({ name: rowName(what, each), subject: await subject, file, count });
    }
  }
  return {
    rows,
    close: () => {
      for (const subject of subjects.values()) void subject.then((each) => each.close());
    },
  };
}
