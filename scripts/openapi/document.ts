import type { JsonSchema } from "@valibot/to-json-schema";
import { PROBLEMS, type ProblemCode } from "../../functions/api-keys/http/problem.ts";
import {
  damagedKeySchema,
  keyPageSchema,
  keySchema,
  repeatedSchema,
  secretKeySchema,
} from "../../functions/api-keys/schema/key.ts";
import { problemSchema } from "../../functions/api-keys/schema/problem.ts";
import { keyPatch, listQuery, newKey, rotation, statusChange } from "../../functions/api-keys/schema/requests.ts";
import { jsonSchemaOf } from "./forms.ts";

/** The OpenAPI document of the admin API, made of the schemas by which the function checks requests. */
export function openApiDocument(): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Sallyport: administration of API keys",
      version: "1",
      description:
        "Issues, changes, rotates and ends API keys. A caller needs the scope keys:read or keys:write. A caller of no " +
        "tenant manages every key; a caller of a tenant manages the keys of its tenant, and gives none more than it has.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: {
      "/keys": {
        get: operation("listKeys", "Keys of an owner or a tenant, or those that end soon", {
          parameters: queryParameters(),
          responses: { 200: answer("A page", ref("KeyPage")), ...problems("invalid-request") },
        }),
        post: operation("issueKey", "Issue a key", {
          parameters: [IDEMPOTENCY_KEY],
          requestBody: body("NewKey"),
          responses: {
            200: answer("A repetition: the key was issued before", ref("Repeated"), TAG),
            201: answer("The key, with its secret", ref("SecretKey"), { ...TAG, ...LOCATION }, NEXT),
            ...problems("invalid-request", ...OF_BODIES, ...OF_REPETITIONS, ...OF_BUDGETS),
          },
        }),
      },
      "/keys/{id}": {
        parameters: [ID],
        get: operation("readKey", "One key", {
          responses: { 200: answer("The key", ref("Key"), TAG), ...problems("not-found", "key-damaged") },
        }),
        patch: operation("updateKey", "Change a key (JSON Merge Patch, RFC 7396)", {
          parameters: [IF_MATCH],
          requestBody: body("KeyPatch", "application/merge-patch+json"),
          responses: {
            200: answer("The key", ref("Key"), TAG),
            ...problems("invalid-request", "not-found", "key-damaged", "key-state", ...OF_VERSIONS, ...OF_BODIES),
            ...problems(...OF_BUDGETS),
          },
        }),
        delete: operation("deleteKey", "Delete a revoked key", {
          parameters: [IF_MATCH],
          responses: {
            204: { description: "It is deleted" },
            ...problems("invalid-request", "not-found", "key-damaged", "key-state", ...OF_VERSIONS),
          },
        }),
      },
      "/keys/{id}/rotate": {
        parameters: [ID],
        post: operation("rotateKey", "Make a new secret", {
          parameters: [IF_MATCH, IDEMPOTENCY_KEY],
          requestBody: { ...body("Rotation"), required: false },
          responses: {
            200: answer("A repetition: the key was rotated before", ref("Repeated"), TAG),
            201: answer("The key, with its new secret", ref("SecretKey"), TAG, NEXT),
            ...problems("invalid-request", "not-found", "key-damaged", "key-state", ...OF_VERSIONS),
            ...problems(...OF_BODIES, "key-state", ...OF_REPETITIONS, ...OF_BUDGETS),
          },
        }),
      },
      ...Object.fromEntries(
        (
          [
            ["disable", "Suspend a key", IF_MATCH_OPTIONAL, ref("Key"), linksTo("enableKey", "readKey")],
            ["enable", "End the suspension of a key", IF_MATCH, ref("Key"), NEXT],
            [
              ...(["revoke", "End a key for good", IF_MATCH_OPTIONAL] as const),
              ...([{ anyOf: [ref("Key"), ref("DamagedKey")] }, linksTo("deleteKey", "readKey")] as const),
            ],
          ] as const
        ).map(([action, summary, version, shown, links]) => [
          `/keys/{id}/${action}`,
          {
            parameters: [ID],
            post: operation(`${action}Key`, summary, {
              parameters: [version, IDEMPOTENCY_KEY],
              requestBody: { ...body("StatusChange"), required: false },
              responses: {
                200: answer("The key", shown, TAG, links),
                ...problems("invalid-request", "not-found", "key-damaged", ...OF_VERSIONS, ...OF_BODIES),
                ...problems("key-state", ...OF_REPETITIONS, ...(action === "enable" ? OF_BUDGETS : [])),
              },
            }),
          },
        ]),
      ),
      "/openapi.json": {
        get: operation("readDocument", "This document", {
          responses: { 200: answer("The document", { type: "object" }) },
        }),
      },
    },
    components: {
      schemas: {
        NewKey: jsonSchemaOf(newKey),
        KeyPatch: jsonSchemaOf(keyPatch),
        Rotation: jsonSchemaOf(rotation),
        StatusChange: jsonSchemaOf(statusChange),
        Key: jsonSchemaOf(keySchema),
        SecretKey: jsonSchemaOf(secretKeySchema),
        DamagedKey: jsonSchemaOf(damagedKeySchema),
        KeyPage: {
          ...jsonSchemaOf(keyPageSchema),
          properties: {
            ...jsonSchemaOf(keyPageSchema).properties,
            keys: { type: "array", items: { anyOf: [ref("Key"), ref("DamagedKey")] } },
          },
        },
        Repeated: jsonSchemaOf(repeatedSchema),
        Problem: jsonSchemaOf(problemSchema),
        GatewayMessage: {
          type: "object",
          properties: { message: { type: ["string", "null"] } },
          description: "API Gateway's own answer: the function was not asked.",
        },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A JWT, a SAML assertion or an API key" },
        apiKey: { type: "apiKey", in: "header", name: "X-Api-Key" },
      },
    },
  };
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const ID = { name: "id", in: "path", required: true, schema: { type: "string", pattern: "^[0-9A-Za-z]{16}$" } };
const IF_MATCH_OPTIONAL = {
  ...{ name: "If-Match", in: "header", schema: { type: "string", pattern: '^"[0-9]{1,9}"$' } },
  description: "The ETag of the key as it was read. Another version is not changed: 412",
};
const IF_MATCH = { ...IF_MATCH_OPTIONAL, required: true };
const IDEMPOTENCY_KEY = {
  ...{ name: "Idempotency-Key", in: "header", schema: { type: "string", pattern: "^[!-~]{1,255}$" } },
  description: "Makes the request repeatable for a day: a repetition changes nothing, and its answer has no secret",
};
const TAG = { ETag: { description: "The version", schema: { type: "string" } } };
const LOCATION = { Location: { description: "The key's path, relative to the stage", schema: { type: "string" } } };

/** What can be done next with the key of an answer: by its id, and its version where one is needed. */
const linksTo = (...operations: readonly string[]) => ({
  links: Object.fromEntries(
    operations.map((operationId) => {
      const isOfVersion = ["updateKey", "rotateKey", "enableKey", "deleteKey"].includes(operationId);
      const version = isOfVersion && { "header.If-Match": "$response.header.ETag" };
      return [operationId, { operationId, parameters: { "path.id": "$response.body#/id", ...version } }];
    }),
  ),
});

const NEXT = linksTo("readKey", "updateKey", "rotateKey", "disableKey", "revokeKey");

const OF_BODIES = ["body-too-large", "media-type"] as const;
const OF_VERSIONS = ["version-conflict", "version-required"] as const;
/** Of what gives something. Ending a key is always possible. */
const OF_BUDGETS = ["too-many-changes"] as const;
const OF_REPETITIONS = ["request-in-progress", "idempotency-key-reused"] as const;

function operation(
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

const json = (schema: object) => ({ "application/json": { schema } });
const problemContent = () => ({ "application/problem+json": { schema: ref("Problem") } });

const answer = (description: string, schema: object, headers: object = {}, more: object = {}) => ({
  ...{ description, headers, content: json(schema) },
  ...more,
});

const body = (name: string, type = "application/json") => ({
  required: true,
  content: { [type]: { schema: ref(name) } },
});

/** The answers of these problems, by their status. */
function problems(...codes: ProblemCode[]): object {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code][0]))];
  return Object.fromEntries(
    statuses.map((status) => {
      const titles = codes.filter((code) => PROBLEMS[code][0] === status).map((code) => PROBLEMS[code][1]);
      return [status, { description: titles.join("; "), content: problemContent() }];
    }),
  );
}

function queryParameters(): object[] {
  const { properties = {} } = jsonSchemaOf(listQuery);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = Object(property) as JsonSchema;
    return { name, in: "query", ...(description !== undefined && { description }), schema };
  });
}
