import { createHash, randomUUID } from "node:crypto";
import { type AttributeValue, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { conditionHeld } from "../../../shared/infrastructure/dynamodb/condition.ts";
import { REQUEST_LIMITS, tableClient, UnprovenAnswer } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { TTL_ATTRIBUTE } from "../../../shared/infrastructure/dynamodb/table.ts";
import type { FederationStore, Recorded } from "./federation-store.ts";
import { readFlow, readGrant, readOwner } from "./stored-values.ts";

/** Seconds for which a code is remembered after its end, so that a second use is noticed. */
const CODE_RETENTION = 3600;

/** Seconds for which a record outlives its assertion: for instances whose clocks are behind that of DynamoDB. */
const ASSERTION_RETENTION = 86_400;

/** The store in one DynamoDB table, with one partition key. */
export function dynamoDbFederationStore(table: string): FederationStore {
  const { input, exchange } = tableClient(table, REQUEST_LIMITS);

  /** @param attempt tells our own item, which a repeated attempt of the client finds, from another one */
  async function create(
    pk: string,
    item: Record<string, AttributeValue>,
    ttl: number,
    attempt: string,
  ): Promise<Recorded> {
    const command = new PutItemCommand({
      ...input,
      Item: { pk: { S: pk }, ...item, attempt: { S: attempt }, [TTL_ATTRIBUTE]: { N: String(ttl) } },
      ConditionExpression: "attribute_not_exists(pk) OR attempt = :attempt",
      ExpressionAttributeValues: { ":attempt": { S: attempt } },
      ReturnValues: "ALL_OLD",
    });
    const put = exchange((client, options) => client.send(command, options));
    if (!(await conditionHeld(put))) return false;
    return (await put).Attributes ? "again" : "first";
  }

  async function read(pk: string): Promise<Record<string, AttributeValue> | undefined> {
    const command = new GetItemCommand({ ...input, Key: { pk: { S: pk } }, ConsistentRead: true });
    const { Item } = await exchange((client, options) => client.send(command, options));
    if (Item && Item.pk?.S !== pk) throw new UnprovenAnswer();
    return Item;
  }

  return {
    async begin(handle, flow) {
      const item = { value: { S: JSON.stringify(flow) } };
      if (!(await create(flowKey(handle), item, flow.expiresAt, flow.id))) throw new Error("the handle is taken");
    },

    async find(handle, time) {
      const item = await read(flowKey(handle));
      if (!item || item.endedBy) return undefined;
      const flow = readFlow(item.value?.S);
      return flow.expiresAt > time ? flow : undefined;
    },

    async end(handle) {
      // Marked and not deleted: a repeated attempt of the client, whose first answer was lost, knows its own mark.
      const command = new UpdateItemCommand({
        ...input,
        Key: { pk: { S: flowKey(handle) } },
        UpdateExpression: "SET endedBy = :attempt REMOVE #value",
        ConditionExpression: "attribute_exists(pk) AND (attribute_not_exists(endedBy) OR endedBy = :attempt)",
        ExpressionAttributeNames: { "#value": "value" },
        ExpressionAttributeValues: { ":attempt": { S: randomUUID() } },
      });
      return conditionHeld(exchange((client, options) => client.send(command, options)));
    },

    recordAssertion: (issuer, id, expiresAt, login = randomUUID()) =>
      create(assertionKey(issuer, id), {}, expiresAt + ASSERTION_RETENTION, login),

    async keepCode(code, grant) {
      const { flowId, connection, clientId } = grant;
      const owner = { S: JSON.stringify({ flowId, connection, clientId }) };
      const item = { value: { S: JSON.stringify(grant) }, owner };
      if (!(await create(codeKey(code), item, grant.expiresAt + CODE_RETENTION, grant.flowId)))
        throw new Error("the code is taken");
    },

    async readCode(code, time) {
      const item = await read(codeKey(code));
      if (!item) return undefined;
      // A code that was used is known beyond its end, so that a second use is noticed.
      if (item.usedFor) return { ...readOwner(item.owner?.S), usedFor: item.usedFor.S ?? "" };
      const grant = readGrant(item.value?.S);
      return grant.expiresAt > time ? grant : undefined;
    },

    async useCode(code, tokenId) {
      const command = new UpdateItemCommand({
        ...input,
        Key: { pk: { S: codeKey(code) } },
        UpdateExpression: "SET usedFor = :token REMOVE #value",
        ConditionExpression: "attribute_exists(pk) AND (attribute_not_exists(usedFor) OR usedFor = :token)",
        ExpressionAttributeNames: { "#value": "value" },
        ExpressionAttributeValues: { ":token": { S: tokenId } },
      });
      return conditionHeld(exchange((client, options) => client.send(command, options)));
    },
  };
}

const hashed = (text: string) => createHash("sha256").update(text).digest("base64url");
const flowKey = (handle: string) => `FLOW#${hashed(handle)}`;
const codeKey = (code: string) => `CODE#${hashed(code)}`;
/** The length of the issuer keeps two pairs apart whose texts together are the same. */
const assertionKey = (issuer: string, id: string) => `ASSERTION#${hashed(`${issuer.length} ${issuer} ${id}`)}`;
