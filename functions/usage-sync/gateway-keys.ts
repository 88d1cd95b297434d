import {
  APIGatewayClient,
  type ApiKey,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeysCommand,
  GetUsagePlanKeysCommand,
  GetUsagePlansCommand,
} from "@aws-sdk/client-api-gateway";
import type { Pace } from "./pacer.ts";
import { descriptionOf, type Subject, subjectId } from "./subject.ts";

/** An API Gateway key of ours. */
export interface GatewayKey {
  readonly id: string;
  /** What a record's `usageIdentifierKey` holds. It is in no output. */
  readonly value: string;
  /** `subjectId` of whose it is. */
  readonly subjectId: string;
  readonly description: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The API Gateway keys of a deployment, and the usage plans of the account. */
export interface GatewayKeys {
  /** All keys of this deployment, or those of one subject; the oldest first. */
  list(subject?: Subject): Promise<GatewayKey[]>;
  create(subject: Subject): Promise<GatewayKey>;
  remove(keyId: string): Promise<void>;
  /** IDs of all usage plans. */
  plans(): Promise<string[]>;
  /** IDs of the API Gateway keys in a plan. */
  keysIn(plan: string): Promise<string[]>;
  attach(keyId: string, plan: string): Promise<void>;
  detach(keyId: string, plan: string): Promise<void>;
}

/** Tags by which a key is recognised as ours: those of a deployment, and of a subject. */
const DEPLOYMENT_TAG = "sallyport:deployment";
const SUBJECT_TAG = "sallyport:subject";

/** API Gateway returns at most so many. */
const PAGE = 500;

/** Milliseconds of one attempt. */
const TIMEOUT = 5000;

/**
 * The keys through the control plane of API Gateway.
 *
 * @param deployment name of the table of keys: an account can have several deployments
 */
export function gatewayKeys(deployment: string, pace: Pace): GatewayKeys {
  const client = new APIGatewayClient({
    // The pacer repeats what is throttled, in its turn.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: TIMEOUT, requestTimeout: TIMEOUT, throwOnRequestTimeout: true },
  });
  const tag = deployment.slice(-256);

  async function all<Item>(
    page: (position: string | undefined) => Promise<{ items?: Item[] | undefined; position?: string | undefined }>,
  ): Promise<Item[]> {
    const items: Item[] = [];
    for (let position: string | undefined, isFirst = true; isFirst || position; isFirst = false) {
      const answer = await pace("any", () => page(position));
      items.push(...(answer.items ?? []));
      position = answer.position;
    }
    return items;
  }

  return {
    async list(subject) {
      const query = { limit: PAGE, includeValues: true, nameQuery: nameOf(subject) };
      const found = await all((position) => client.send(new GetApiKeysCommand({ ...query, position })));
      return found
        .filter(({ tags }) => tags?.[DEPLOYMENT_TAG] === tag)
        .map(keyOf)
        .filter((key) => !subject || key.subjectId === subjectId(subject))
        .sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
    },
    async create(subject) {
      const command = new CreateApiKeyCommand({
        ...{ name: nameOf(subject), description: descriptionOf(subject), enabled: true },
        tags: { [DEPLOYMENT_TAG]: tag, [SUBJECT_TAG]: subjectId(subject) },
      });
      return keyOf(await pace("create", () => client.send(command)));
    },
    async remove(apiKey) {
      await pace("any", () => client.send(new DeleteApiKeyCommand({ apiKey }))).catch(ifGone);
    },
    async plans() {
      const found = await all((position) => client.send(new GetUsagePlansCommand({ limit: PAGE, position })));
      return found.flatMap(({ id }) => id ?? []);
    },
    async keysIn(usagePlanId) {
      const query = { usagePlanId, limit: PAGE };
      const found = await all((position) => client.send(new GetUsagePlanKeysCommand({ ...query, position })));
      return found.flatMap(({ id }) => id ?? []);
    },
    async attach(keyId, usagePlanId) {
      const command = new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" });
      await pace("any", () => client.send(command));
    },
    async detach(keyId, usagePlanId) {
      await pace("any", () => client.send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId }))).catch(ifGone);
    },
  };
}

/** Names begin alike, so that API Gateway itself leaves out the keys of others. */
const nameOf = (subject?: Subject) => `sallyport-${subject ? subjectId(subject) : ""}`;

function keyOf({ id = "", value = "", tags = {}, description = "", createdDate }: ApiKey): GatewayKey {
  return { id, value, description, subjectId: tags[SUBJECT_TAG] ?? "", createdAt: createdDate?.getTime() ?? 0 };
}

/** What is to be removed, and is gone, is done. */
function ifGone(error: unknown): void {
  if (!(error instanceof Error && error.name === "NotFoundException")) throw error;
}
