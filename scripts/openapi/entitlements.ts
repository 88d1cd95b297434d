import * as v from "valibot";
import {
  damaged,
  recordsQuery,
  revocation,
  subjectPatch,
  subjectQuery,
  tenantQuery,
  tokenQuery,
  tokenRevocation,
} from "../../functions/api-keys/entitlements/requests.ts";
import {
  damagedRecordSchema,
  recordPageSchema,
  subjectSchema,
  tenantSchema,
  tokenSchema,
} from "../../functions/api-keys/entitlements/shown-record.ts";
import { FIELDS, type Forms, instant, jsonSchemaOf, name } from "./forms.ts";
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

const long = { type: "string", minLength: 1, maxLength: 2048 } as const;

const FORMS: Forms = {
  issuer: { ...long, description: "`iss` of a JWT, the entity ID of an identity provider, or api-keys:ENVIRONMENT." },
  subject: { ...name, description: "The subject as backends get it, character by character." },
  tokenId: { ...long, description: "`jti` of a JWT, or the ID of an assertion; never the token itself." },
  tenant: { ...name, description: "A tenant, of whichever issuer; in a subject's record, that of the subject." },
  limit: { ...FIELDS.limit, description: "Records of a page. Default: 50." },
  cursor: { description: "Where the last page ended: its `cursor`." },
  damaged: { description: "Deletes a record that is damaged, and no other. It has no version for If-Match." },
  roles: { ...FIELDS.roles, description: "All roles of the record." },
  scopes: { ...FIELDS.scopes, description: "All scopes of the record." },
  reason: { ...name, description: "Why. It is in the record and in the event." },
  before: {
    ...instant,
    description:
      "What was issued before this instant is refused. Default: now. An earlier one than before changes nothing.",
  },
  expiresAt: { ...instant, description: "When the token has ended at the latest. Absent: the record stays." },
  version: { description: "Counts the changes of the record, from 1. The ETag begins with it." },
  state: { description: "A lockout outweighs a revocation." },
  disabledSince: { description: "Present: locked out." },
  revokedBefore: { description: "What was issued before this instant is refused." },
  changedBy: { description: "Who changed the record last: issuer and subject, or who used the command line." },
  key: { description: "The partition key of the record." },
};

const KIND = { description: "With `issuer`: its subjects, or its revoked tokens. Default: subject." };

const NAMES = { subject: subjectQuery, tenant: tenantQuery, token: tokenQuery } as const;
type Kind = keyof typeof NAMES;

/** What operations and schemas are named by. */
const NOUNS = { subject: "Subject", tenant: "Tenant", token: "Token" } as const;
const SCHEMAS = { subject: "Subject", tenant: "Tenant", token: "RevokedToken" } as const;

const IF_MATCH = {
  ...{ name: "If-Match", in: "header", schema: { type: "string", pattern: '^"[0-9]{1,16}\\.[0-9A-Za-z_-]{11}"$' } },
  description: "The ETag of the record as it was read. Another version is not changed: 412",
};
const IF_NONE_MATCH = {
  ...{ name: "If-None-Match", in: "header", schema: { type: "string", enum: ["*"] } },
  description: "There is no record yet. It or If-Match is required",
};

/** What every request about one record may be answered with. */
const OF_RECORDS = ["invalid-request", "not-found", "entitlements-off"] as const;

export const entitlementPaths = () => ({
  "/entitlements": {
    get: operation("listEntitlements", "Subjects or revoked tokens of an issuer, or what a tenant has", {
      parameters: queryParameters(recordsQuery, { ...FORMS, kind: KIND }),
      responses: {
        200: answer("A page", ref("EntitlementPage")),
        ...problems("invalid-request", "entitlements-off"),
      },
    }),
  },
  ...recordPaths("subject"),
  ...lockoutPaths("subject"),
  ...recordPaths("tenant"),
  ...lockoutPaths("tenant"),
  ...recordPaths("token"),
  "/entitlements/token/revoke": {
    post: change("token", "revoke", "Refuse one token, by its id", "TokenRevocation", IF_MATCH),
  },
});

function recordPaths(kind: Kind) {
  const own = named(kind);
  return {
    [`/entitlements/${kind}`]: {
      get: operation(`read${NOUNS[kind]}`, "One record", {
        parameters: own,
        responses: { 200: answer("The record", ref(SCHEMAS[kind]), TAG, links(kind)), ...problems(...OF_RECORDS) },
      }),
      ...(kind === "subject" && {
        patch: operation("updateSubject", "Set roles, scopes or the tenant (JSON Merge Patch, RFC 7396)", {
          parameters: [...own, IF_MATCH, IF_NONE_MATCH],
          requestBody: body("SubjectPatch", "application/merge-patch+json"),
          responses: {
            ...recordAnswers(kind),
            ...problems(...OF_RECORDS, "record-state", ...OF_VERSIONS, ...OF_BODIES),
          },
        }),
      }),
      delete: operation(`delete${NOUNS[kind]}`, "Delete a record: what it gave and what it locked out counts no more", {
        parameters: [
          ...queryParameters(v.strictObject({ ...NAMES[kind].entries, damaged }), FORMS),
          { ...IF_MATCH, description: `${IF_MATCH.description}. Required, but for a damaged record` },
        ],
        responses: {
          204: { description: "It is deleted" },
          ...problems(...OF_RECORDS, "record-state", ...OF_VERSIONS),
        },
      }),
    },
  };
}

const lockoutPaths = (kind: "subject" | "tenant") => ({
  [`/entitlements/${kind}/disable`]: {
    post: change(kind, "disable", `Lock a ${kind} out`, "StatusChange", IF_MATCH),
  },
  [`/entitlements/${kind}/enable`]: {
    post: change(kind, "enable", "End a lockout", "StatusChange", { ...IF_MATCH, required: true }),
  },
  [`/entitlements/${kind}/revoke`]: {
    post: change(kind, "revoke", "Refuse what was issued before an instant", "Revocation", IF_MATCH),
  },
});

const change = (kind: Kind, action: string, summary: string, schema: string, version: object) =>
  operation(action + NOUNS[kind], summary, {
    parameters: [...named(kind), version, IDEMPOTENCY_KEY],
    requestBody: { ...body(schema), required: false },
    responses: {
      ...recordAnswers(kind),
      ...problems(...OF_RECORDS, "record-state", ...OF_VERSIONS, ...OF_BODIES, ...OF_REPETITIONS),
    },
  });

const named = (kind: Kind) => queryParameters(NAMES[kind], FORMS);

const recordAnswers = (kind: Kind) => ({
  200: answer("The record", ref(SCHEMAS[kind]), TAG, links(kind)),
  201: answer("The record, which is new", ref(SCHEMAS[kind]), TAG, links(kind)),
});

/** What can be done next with the record of an answer. */
function links(kind: Kind) {
  const names = Object.keys(NAMES[kind].entries).map((each) => [`query.${each}`, `$response.body#/${each}`]);
  const version = { "header.If-Match": "$response.header.ETag" };
  const next = kind === "token" ? ["delete"] : ["enable", "delete"];
  return {
    links: Object.fromEntries(
      ["read", ...next].map((action) => {
        const operationId = action + NOUNS[kind];
        const parameters = { ...Object.fromEntries(names), ...(action !== "read" && version) };
        return [operationId, { operationId, parameters }];
      }),
    ),
  };
}

export const entitlementSchemas = () => ({
  SubjectPatch: jsonSchemaOf(subjectPatch, FORMS),
  Revocation: jsonSchemaOf(revocation, FORMS),
  TokenRevocation: jsonSchemaOf(tokenRevocation, FORMS),
  Subject: jsonSchemaOf(subjectSchema, FORMS),
  Tenant: jsonSchemaOf(tenantSchema, FORMS),
  RevokedToken: jsonSchemaOf(tokenSchema, FORMS),
  DamagedRecord: jsonSchemaOf(damagedRecordSchema, FORMS),
  EntitlementPage: {
    ...jsonSchemaOf(recordPageSchema, FORMS),
    properties: {
      ...jsonSchemaOf(recordPageSchema, FORMS).properties,
      entitlements: {
        type: "array",
        items: { anyOf: [...Object.values(SCHEMAS), "DamagedRecord"].map(ref) },
      },
    },
  },
});
