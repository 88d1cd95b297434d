import {
  damagedKeySchema,
  keyPageSchema,
  keySchema,
  repeatedSchema,
  secretKeySchema,
} from "../../functions/api-keys/schema/key.ts";
import { problemSchema } from "../../functions/api-keys/schema/problem.ts";
import { keyPatch, listQuery, newKey, rotation, statusChange } from "../../functions/api-keys/schema/requests.ts";
import { entitlementPaths, entitlementSchemas } from "./entitlements.ts";
import { jsonSchemaOf } from "./forms.ts";
import {
  answer,
  body,
  IDEMPOTENCY_KEY,
  OF_BODIES,
  OF_REPETITIONS,
  OF_VERSIONS,
  operation,
  problems,
  queryParameters,
  ref,
  TAG,
} from "./parts.ts";

/** The OpenAPI document of the admin API, made of the schemas by which the function checks requests. */
export function openApiDocument(): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Sallyport: administration of API keys and entitlements",
      version: "1",
      description:
        "Issues, changes, rotates and ends API keys. A caller needs the scope keys:read or keys:write. A caller of no " +
        "tenant manages every key; a caller of a tenant manages the keys of its tenant, and gives none more than it has. " +
        "Entitlements, and who is locked out, are for callers of no tenant, with the scope entitlements:read or " +
        "entitlements:write.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { apiKey: [] }],
    paths: {
      "/keys": {
        get: operation("listKeys", "Keys of an owner or a tenant, or those that end soon", {
          parameters: queryParameters(listQuery),
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
      ...entitlementPaths(),
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
        ...entitlementSchemas(),
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

const ID = { name: "id", in: "path", required: true, schema: { type: "string", pattern: "^[0-9A-Za-z]{16}$" } };
const IF_MATCH_OPTIONAL = {
  ...{ name: "If-Match", in: "header", schema: { type: "string", pattern: '^"[0-9]{1,9}"$' } },
  description: "The ETag of the key as it was read. Another version is not changed: 412",
};
const IF_MATCH = { ...IF_MATCH_OPTIONAL, required: true };
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

/** Of what gives something. Ending a key is always possible. */
const OF_BUDGETS = ["too-many-changes"] as const;
