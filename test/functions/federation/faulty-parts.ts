import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { kmsSigner } from "../../../functions/federation/signing/kms-signer.ts";
import { dynamoDbFederationStore } from "../../../functions/federation/store/dynamodb-federation-store.ts";
import { keyDocumentTable } from "../../../functions/federation/store/key-document-table.ts";
import { kmsKeyMaker } from "../../../functions/signing-keys/key-maker.ts";
import { rotateKeys } from "../../../functions/signing-keys/rotate-keys.ts";
import { SYSTEM_CLOCK } from "../../../local/cloud/clock.ts";
import { startEndpoint } from "../../../local/cloud/endpoint.ts";
import { Faults } from "../../../local/cloud/faults.ts";
import { KeyService } from "../../../local/cloud/kms/key-service.ts";
import { NOW } from "../../fixtures.ts";
import { FAULTS, type Fault } from "../../shared/infrastructure/dynamodb/faulty-database.ts";

/** The table and the KMS of a login, each of which can be made faulty in one step of it. */

/** An operation on an item of a kind, such as `PutItem CODE`. */
export type Step = `${"GetItem" | "PutItem" | "UpdateItem"} ${"FLOW" | "CODE" | "ASSERTION" | "SIGNING-KEYS"}`;

/** What is wrong with the table: an answer in place of its own, or its own answer, which is lost for some attempts. */
export type TableFault = Fault | { readonly lostFor: number };

export const TABLE_FAULTS: Readonly<Record<string, TableFault>> = {
  ...Object.fromEntries(
    ["is throttled", "fails inside", "never answers", "resets the connection", "answers with an empty object"].map(
      (name) => [name, FAULTS[name] ?? (() => {})],
    ),
  ),
  "does it, and all its answers are lost": { lostFor: Number.POSITIVE_INFINITY },
};

/** A proxy before a DynamoDB. */
async function startProxy(endpoint: string) {
  let faulty: { readonly step: Step; readonly fault: TableFault; attempts: number } | undefined;
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const { Item, Key, ...input } = JSON.parse(body);
    const operation = String(incoming.headers["x-amz-target"]).split(".")[1];
    const found = faulty?.step === `${operation} ${(Item ?? Key)?.pk?.S?.split("#")[0]}` ? faulty : undefined;
    if (found && typeof found.fault === "function") return found.fault(response, { Item, Key, ...input });
    const { host: _, connection: __, "content-length": ___, ...headers } = incoming.headers;
    const answer = await fetch(endpoint, { method: "POST", body, headers: headers as Record<string, string> });
    const answered = await answer.text();
    if (found && typeof found.fault === "object" && found.attempts++ < found.fault.lostFor) return response.destroy();
    response.writeHead(answer.status, { "Content-Type": "application/x-amz-json-1.0" }).end(answered);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plan(step: Step, fault: TableFault) {
      faulty = { step, fault, attempts: 0 };
    },
    mend() {
      faulty = undefined;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * Parts of a login that ask a table through a proxy, and a stand-in of KMS.
 *
 * @param table which has a document of the signing keys afterwards
 */
export async function startFaultyParts(table: string) {
  const database = process.env.AWS_ENDPOINT_URL_DYNAMODB ?? "";
  const proxy = await startProxy(database);
  const faults = new Faults();
  const kms = new KeyService();
  let isWrong = false;
  const endpoint = await startEndpoint({
    operations: {
      ...kms.operations,
      "TrentService.Sign": (input) => {
        const sign = kms.operations["TrentService.Sign"];
        return sign?.(isWrong ? { ...input, Message: Buffer.alloc(32).toString("base64") } : input) ?? {};
      },
    },
    ...{ other: () => undefined, faults, clock: SYSTEM_CLOCK, port: 0 },
  });
  process.env.AWS_ENDPOINT_URL_KMS = endpoint.url;
  process.env.AWS_ENDPOINT_URL_DYNAMODB = proxy.url;
  const keys = { keys: kmsKeyMaker("stack"), table: keyDocumentTable(table), put: async () => {} };
  await rotateKeys(keys, NOW, false);
  const store = dynamoDbFederationStore(table);
  // Clients read the variable when they are first used.
  await store.find("none", NOW);
  return {
    ...{ proxy, faults, store },
    /** A signer that has read nothing yet. */
    newSigner: (from = table) => kmsSigner(keyDocumentTable(from).read),
    signsWrong(wrong: boolean) {
      isWrong = wrong;
    },
    async close() {
      process.env.AWS_ENDPOINT_URL_DYNAMODB = database;
      delete process.env.AWS_ENDPOINT_URL_KMS;
      await Promise.all([proxy.close(), endpoint.close()]);
    },
  };
}
