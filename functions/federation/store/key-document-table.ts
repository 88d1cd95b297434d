import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { conditionHeld } from "../../../shared/infrastructure/dynamodb/condition.ts";
import { REQUEST_LIMITS, tableClient, UnprovenAnswer } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { KEY_DOCUMENT, type KeyDocument, keyDocument } from "../signing/key-document.ts";

/** The document of the signing keys in the table of the login. */
export interface KeyDocumentTable {
  /** @throws if there is none yet, or it cannot be read */
  read(signal?: AbortSignal): Promise<KeyDocument>;
  /** The document, or undefined if there is none yet. */
  find(signal?: AbortSignal): Promise<KeyDocument | undefined>;
  /** Replaces the document of the version before. Resolves with false if somebody else was first. */
  replace(document: KeyDocument): Promise<boolean>;
}

export function keyDocumentTable(table: string): KeyDocumentTable {
  const { input, exchange } = tableClient(table, REQUEST_LIMITS);

  async function find(signal?: AbortSignal): Promise<KeyDocument | undefined> {
    const command = new GetItemCommand({ ...input, Key: { pk: { S: KEY_DOCUMENT } }, ConsistentRead: true });
    const { Item } = await exchange((client, options) => client.send(command, options), signal);
    if (!Item) return undefined;
    const result = v.safeParse(keyDocument, JSON.parse(Item.value?.S ?? "null"));
    if (!result.success) throw new UnprovenAnswer();
    return result.output;
  }

  return {
    find,
    async read(signal) {
      const document = await find(signal);
      if (!document) throw new Error("there is no signing key yet");
      return document;
    },
    async replace(document) {
      const command = new PutItemCommand({
        ...input,
        Item: {
          pk: { S: KEY_DOCUMENT },
          version: { N: String(document.version) },
          value: { S: JSON.stringify(document) },
        },
        // A repeated attempt of the client finds its own document.
        ConditionExpression: "attribute_not_exists(pk) OR version = :before OR #value = :value",
        ExpressionAttributeNames: { "#value": "value" },
        ExpressionAttributeValues: {
          ":before": { N: String(document.version - 1) },
          ":value": { S: JSON.stringify(document) },
        },
      });
      return conditionHeld(exchange((client, options) => client.send(command, options)));
    },
  };
}
