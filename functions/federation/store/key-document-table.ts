import { type AttributeValue, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
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
  /**
   * Replaces the document of the version before. Resolves with false if somebody else was first.
   *
   * @param spare the spare key that is in the document, and so none any more. It must still be the one of the table
   */
  replace(document: KeyDocument, spare?: string): Promise<boolean>;
  /** ARN of a key that was made and is in no document yet. */
  findSpare(): Promise<string | undefined>;
  /** Remembers a key that was made. Resolves with false if there is another one. */
  keepSpare(kmsKey: string): Promise<boolean>;
  /** Forgets it. Resolves with false if there is another one, or none. */
  dropSpare(kmsKey: string): Promise<boolean>;
}

export function keyDocumentTable(table: string): KeyDocumentTable {
  const { input, exchange } = tableClient(table, REQUEST_LIMITS);

  async function item(signal?: AbortSignal) {
    const command = new GetItemCommand({ ...input, Key: { pk: { S: KEY_DOCUMENT } }, ConsistentRead: true });
    const { Item } = await exchange((client, options) => client.send(command, options), signal);
    return Item;
  }

  async function find(signal?: AbortSignal): Promise<KeyDocument | undefined> {
    const Item = await item(signal);
    // A spare key alone is no document.
    if (!Item || (Item.spare && !Item.value)) return undefined;
    const result = v.safeParse(keyDocument, JSON.parse(Item.value?.S ?? "null"));
    if (!result.success) throw new UnprovenAnswer();
    return result.output;
  }

  /** Changes the one item. @param before the condition */
  const change = (UpdateExpression: string, before: string, values: Record<string, AttributeValue>) => {
    const command = new UpdateItemCommand({
      ...{ ...input, Key: { pk: { S: KEY_DOCUMENT } }, UpdateExpression, ConditionExpression: before },
      ...{ ExpressionAttributeValues: values },
      ...(UpdateExpression.includes("#value") && { ExpressionAttributeNames: { "#value": "value" } }),
    });
    return conditionHeld(exchange((client, options) => client.send(command, options)));
  };

  return {
    find,
    async read(signal) {
      const document = await find(signal);
      if (!document) throw new Error("there is no signing key yet");
      return document;
    },
    replace(document, spare) {
      const isNext = "attribute_not_exists(version) OR version = :before";
      return change(
        `SET version = :version, #value = :value${spare === undefined ? "" : " REMOVE spare"}`,
        // A repeated attempt of the client finds its own document.
        `${spare === undefined ? isNext : `(${isNext}) AND spare = :spare`} OR #value = :value`,
        {
          ":version": { N: String(document.version) },
          ":before": { N: String(document.version - 1) },
          ":value": { S: JSON.stringify(document) },
          ...(spare !== undefined && { ":spare": { S: spare } }),
        },
      );
    },
    findSpare: async () => (await item())?.spare?.S,
    keepSpare: (kmsKey) =>
      change("SET spare = :spare", "attribute_not_exists(spare) OR spare = :spare", { ":spare": { S: kmsKey } }),
    dropSpare: (kmsKey) => change("REMOVE spare", "spare = :spare", { ":spare": { S: kmsKey } }),
  };
}
