import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Answer, Conduct } from "./party.ts";

type Content = object | string;

/** A server of one document. What it has elsewhere is of somebody who would like to be trusted. */
export const documents = (document: () => Content, other: () => Content, elsewhere = other): Conduct => ({
  answer: ({ url }) => contentOf(url === "/elsewhere" ? elsewhere() : document()),
  other: () => contentOf(other()),
});

/** An AWS service with one operation. */
export const service = (document: () => object, other: () => object): Conduct => ({
  answer: () => contentOf(document()),
  other: () => contentOf(other()),
});

/** Beginnings of the tokens that an introspection server calls active, and of those that it calls revoked. */
export const OPAQUE = { active: "op_active_", revoked: "op_revoked_" } as const;

/** A server that says of opaque tokens whether they are active. The one elsewhere says so of every token. */
export function introspection(issuer: string): Conduct {
  const claims = (iss: string, sub: string) => ({
    ...{ active: true, iss, sub, aud: "https://api.example.com", client_id: "web", token_type: "Bearer" },
    // The function's clock is moved by days.
    exp: Math.floor(Date.now() / 1000) + 1_000_000,
  });
  return {
    answer({ url }, body) {
      const token = new URLSearchParams(body.toString()).get("token") ?? "";
      const isActive = url === "/elsewhere" || token.startsWith(OPAQUE.active);
      return contentOf(isActive ? claims(issuer, "alice") : { active: false });
    },
    other: () => contentOf(claims("https://other.example.com", "mallory")),
  };
}

/** DynamoDB. */
export function proxyOf(endpoint: string): Conduct {
  return {
    async answer({ headers }, body) {
      const { host: _, connection: __, ...sent } = headers;
      // Without an agent, each has a connection of its own: the database closes those that are idle.
      const asked = request(endpoint, { method: "POST", headers: sent, agent: false });
      asked.end(body);
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      const kept = ["content-type", "x-amz-crc32", "x-amzn-requestid"].flatMap((name): [string, string][] => {
        const value = response.headers[name];
        return typeof value === "string" ? [[name, value]] : [];
      });
      return { status: response.statusCode ?? 500, headers: Object.fromEntries(kept), body: await buffer(response) };
    },
    other: () =>
      contentOf({ Item: { pk: { S: "key#other" } }, ConsumedCapacity: { TableName: "other", CapacityUnits: 1 } }),
  };
}

function contentOf(content: Content): Answer {
  const isText = typeof content === "string";
  const body = Buffer.from(isText ? content : JSON.stringify(content));
  return { status: 200, headers: { "Content-Type": isText ? "text/xml" : "application/json" }, body };
}
