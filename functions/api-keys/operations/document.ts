import type { Answer } from "../http/answer.ts";

/** `GET /openapi.json`: the document that `npm run schema` writes. */
export async function readDocument(): Promise<Answer> {
  const { default: body } = await import("../../../schema/api-keys.openapi.json", { with: { type: "json" } });
  return { status: 200, body };
}
