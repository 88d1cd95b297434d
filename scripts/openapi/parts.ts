import type { JsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { PROBLEMS, type ProblemCode } from "../../functions/api-keys/http/problem.ts";
import { type Forms, jsonSchemaOf } from "./forms.ts";

/** What the document says in many places. */

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

export const IDEMPOTENCY_KEY = {
  ...{ name: "Idempotency-Key", in: "header", schema: { type: "string", pattern: "^[!-~]{1,255}$" } },
  description: "Makes the request repeatable for a day: a repetition changes nothing, and its answer has no secret",
};
export const TAG = { ETag: { description: "The version", schema: { type: "string" } } };
export const OF_BODIES = ["body-too-large", "media-type"] as const;
export const OF_VERSIONS = ["version-conflict", "version-required"] as const;
export const OF_REPETITIONS = ["request-in-progress", "idempotency-key-reused"] as const;

export function operation(
  operationId: string,
  summary: string,
  { responses, ...rest }: { readonly responses: object; readonly [member: string]: unknown },
) {
  const gateway = {
    401: { description: "No credential, or a bad one", content: json(ref("GatewayMessage")) },
    403: {
      description: PROBLEMS["not-permitted"][1],
      content: { ...problemContent(), ...json(ref("GatewayMessage")) },
    },
    431: { description: "The request line and the headers are too long for API Gateway" },
    500: {
      description: "The authorizer could not decide, or the function failed",
      content: { ...problemContent(), ...json(ref("GatewayMessage")) },
    },
    503: {
      description: PROBLEMS.unavailable[1],
      content: { ...problemContent(), ...json(ref("GatewayMessage")) },
    },
  };
  return { operationId, summary, ...rest, responses: { ...responses, ...gateway } };
}

export const json = (schema: object) => ({ "application/json": { schema } });
const problemContent = () => ({ "application/problem+json": { schema: ref("Problem") } });

export const answer = (description: string, schema: object, headers: object = {}, more: object = {}) => ({
  ...{ description, headers, content: json(schema) },
  ...more,
});

export const body = (name: string, type = "application/json") => ({
  required: true,
  content: { [type]: { schema: ref(name) } },
});

/** The answers of these problems, by their status. */
export function problems(...codes: ProblemCode[]): object {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code][0]))];
  return Object.fromEntries(
    statuses.map((status) => {
      const titles = codes.filter((code) => PROBLEMS[code][0] === status).map((code) => PROBLEMS[code][1]);
      return [status, { description: titles.join("; "), content: problemContent() }];
    }),
  );
}

/** The parameters of a query, from the schema by which the function checks it. */
export function queryParameters(schema: GenericSchema, forms?: Forms): object[] {
  const { properties = {}, required = [] } = jsonSchemaOf(schema, forms);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...form } = Object(property) as JsonSchema;
    const told = description === undefined ? {} : { description };
    return { name, in: "query", ...(required.includes(name) && { required: true }), ...told, schema: form };
  });
}
