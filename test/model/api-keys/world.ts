import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { vi } from "vitest";
import { eventsOf } from "../../../functions/key-events/events-of.ts";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import { type Item, partitionKey } from "../../../providers/api-key/item.ts";
import { inProcess } from "../../cli/in-process.ts";
import { configOf, requestFor } from "../../fixtures.ts";
import { createHarness } from "../../functions/api-keys/harness.ts";
import { streamRecord } from "../../functions/key-events/stream-record.ts";
import type { Match, Operation } from "./key.ts";

/** The code: the admin API, the verification, the transfer and the events, in front of one table. */
export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld() {
  const api = await createHarness();
  const { config, endpoint } = api.keys;
  const dynamoDb = new DynamoDBClient({ endpoint });
  const configuration = async () => ({ ...configOf(), apiKeys: config });
  const run = (argv: string[], input?: string) =>
    inProcess(["keys", ...argv], { config: configuration, ...(input !== undefined && { input }) });

  async function item(id: string): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: config.table, Key: partitionKey(id), ConsistentRead: true });
    return (await dynamoDb.send(command)).Item as Item | undefined;
  }

  return {
    send: api.send,
    at: (seconds: number) => vi.setSystemTime(seconds * 1000),

    async verdict(value: string, time: number): Promise<string> {
      const provider = apiKeyProvider(config);
      const credential = { scheme: "api-key", value, location: { in: "header", name: "x-api-key" } } as const;
      const request = requestFor("GET", "/a", { time });
      const verdict = await provider.verify(credential, request, new AbortController().signal);
      return "reason" in verdict ? verdict.reason : verdict.status;
    },

    operate: (id: string, operation: Operation, version: number) =>
      api.send(ROUTES[operation.kind], id, { ...bodyOf(operation), headers: ifMatch(operation.match, version) }),

    /** The events of all that was changed of a key meanwhile, as one change. */
    async eventsDuring<T>(id: string, time: number, act: () => Promise<T>) {
      const before = await item(id);
      const result = await act();
      const after = await item(id);
      const isSame = JSON.stringify(before) === JSON.stringify(after);
      const record = streamRecord({ ...(before && { before }), ...(after && { after }), time });
      return { result, told: isSame ? undefined : eventsOf(record) };
    },

    /** The header of an export, and the lines of some keys. */
    async exported(ids: readonly string[]): Promise<string> {
      const { stdout } = await run(["export"]);
      const lines = stdout.trimEnd().split("\n");
      return lines.filter((line, n) => n === 0 || ids.some((id) => line.includes(id))).join("\n");
    },

    async imported(text: string, restores: boolean) {
      const argv = ["import", "-", "--json", ...(restores ? ["--restore-deleted"] : [])];
      return JSON.parse((await run(argv, `${text}\n`)).stdout);
    },

    close() {
      dynamoDb.destroy();
      api.close();
    },
  };
}

const ROUTES = {
  ...{ name: "PATCH /keys/{id}", end: "PATCH /keys/{id}", rotate: "POST /keys/{id}/rotate" },
  ...{ disable: "POST /keys/{id}/disable", enable: "POST /keys/{id}/enable", revoke: "POST /keys/{id}/revoke" },
  delete: "DELETE /keys/{id}",
};

const ifMatch = (match: Match, version: number): Record<string, string> =>
  match === "none" ? {} : { "if-match": `"${match === "right" ? version : version + 1}"` };

function bodyOf(operation: Operation): { body?: object } {
  if (operation.kind === "name") return { body: { name: operation.name, reason: "r" } };
  if (operation.kind === "rotate") {
    return { body: { grace: operation.grace, endsEarlierGrace: operation.endsEarlierGrace, reason: "r" } };
  }
  if (operation.kind !== "end") return operation.kind === "delete" ? {} : { body: { reason: "r" } };
  const expiresAt = operation.in === null ? null : new Date(Date.now() + operation.in * 1000);
  return { body: { expiresAt: expiresAt?.toISOString().replace(".000", "") ?? null, reason: "r" } };
}
