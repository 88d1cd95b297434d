import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";

/** Names as the code reads them: without control characters and lone surrogates. */
export const name = {
  type: "string",
  minLength: 1,
  maxLength: 256,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
} as const;
const attributeNames = { type: "string", pattern: "^[A-Za-z][A-Za-z0-9_]{0,63}$" } as const;
export const instant = { type: "string", format: "date-time", maxLength: 40 } as const;

/**
 * The forms of fields that the code checks by functions, which JSON Schema cannot hold, with what they mean. The rest of
 * a field's form comes from its schema.
 */
export const FIELDS: Readonly<Record<string, JsonSchema>> = {
  name: { ...name, description: "Display name of the key." },
  owner: {
    ...name,
    description: "Who answers for the key, without white space at its edges. It has no effect on a decision.",
  },
  subject: {
    ...name,
    description: "Identifier of the caller, without white space at its edges. Absent: the key's id.",
  },
  tenant: { ...name, description: "Tenant of the caller, without white space at its edges." },
  scopes: {
    type: "array",
    items: { type: "string", pattern: "^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,256}$" },
    maxItems: 256,
    description: "Scopes of the caller.",
  },
  roles: { type: "array", items: name, maxItems: 256, description: "Roles of the caller." },
  addresses: {
    type: "array",
    items: { type: "string", minLength: 2, maxLength: 64 },
    maxItems: 64,
    description: "IPv4 and IPv6 addresses and CIDR ranges from which the key may be used. Absent or empty: any.",
  },
  attributes: {
    type: "object",
    propertyNames: attributeNames,
    additionalProperties: { type: ["string", "number", "boolean"], maxLength: 1024 },
    description: "Values for the backend, by their names in its context.",
  },
  metadata: {
    type: "object",
    propertyNames: attributeNames,
    additionalProperties: { type: "string", maxLength: 1024 },
    maxProperties: 32,
    description: "Texts for the operators. A tenant's administrator neither sees nor sets them.",
  },
  usageIdentifierKey: {
    description: "Value of an API Gateway API key, for usage plans. Operators set it, and no answer shows it.",
  },
  expiresAt: { ...instant, description: "When the key ends. Absent: never." },
  expiringBefore: { ...instant, description: "Keys that end from now until this instant, at most 92 days away." },
  status: { description: "Keys with this status alone. A page may then be shorter, or empty, and have a cursor." },
  limit: {
    ...{ type: "integer", minimum: 1, maximum: 100, pattern: undefined },
    description: "Keys of a page. Default: 50.",
  },
  cursor: { description: "Where the last page ended: its `cursor`." },
  reason: { ...name, description: "Why. It is in the key's record and in the event." },
  grace: {
    description:
      "Seconds for which the secret of before is still accepted. Default: 86400. 0: every earlier secret ends at once.",
  },
  endsEarlierGrace: {
    description: "Whether a secret of before, whose grace is not over, ends at once. Default: false.",
  },
  version: { description: "Counts the changes of the key, from 1. It is the ETag." },
  secret: { description: "The whole key. It is shown this once and stored nowhere." },
  environment: { description: "Second part of the key." },
  hasUsageIdentifierKey: { description: "Whether the key has a value for usage plans." },
  expired: { description: "True: the key has ended. Its status is what somebody set." },
  previousSecretUntil: {
    description: "Until when the secret before the last rotation is still accepted. Absent: it is not.",
  },
  createdBy: { description: "Issuer and subject of who issued the key. Operators see it, and whoever it is." },
  changedBy: { description: "Issuer and subject of who changed the key last. Operators see it, and whoever it is." },
  rotate: { description: "The path that makes a new secret, relative to the stage." },
  field: { description: "A JSON pointer into the body, or the name of a parameter or a header." },
};

/** Forms of fields by their names. */
export type Forms = Readonly<Record<string, JsonSchema>>;

/** The JSON Schema of one of this API's schemas. */
export function jsonSchemaOf(schema: GenericSchema, forms: Forms = FIELDS): JsonSchema {
  const { $schema: _, ...json } = toJsonSchema(schema, {
    ...{ errorMode: "ignore", typeMode: "input", target: "draft-2020-12" },
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      "entries" in valibotSchema ? described(jsonSchema, valibotSchema.entries as object, forms) : undefined,
  });
  return json;
}

function described(json: JsonSchema, entries: object, forms: Forms): JsonSchema {
  // An answer's fields are described as what they are: the limits are those of requests.
  const isAnswer = "createdAt" in entries;
  const properties = Object.entries(json.properties ?? {}).map(([field, value]) => {
    const { description, ...form } = forms[field] ?? {};
    const inner = isAnswer || ("detail" in entries && field !== "rotate") ? {} : form;
    return [field, { ...(description !== undefined && { description }), ...withForm(Object(value), inner) }];
  });
  return { ...json, properties: Object.fromEntries(properties) };
}

/** A form, or null where the schema takes null too. A member of a patch may be null within an object as well. */
function withForm(value: JsonSchema, form: JsonSchema): JsonSchema {
  const isNullable = value.anyOf?.some((each) => Object(each).type === "null");
  if (!isNullable) return { ...value, ...form };
  const [own = {}] = value.anyOf ?? [];
  return { anyOf: [{ ...Object(own), ...nullableInside(form) }, { type: "null" }] };
}

function nullableInside(form: JsonSchema): JsonSchema {
  const { additionalProperties, maxProperties: _, ...rest } = form;
  if (additionalProperties === undefined) return form;
  const types = [Object(additionalProperties).type].flat();
  return { ...rest, additionalProperties: { ...Object(additionalProperties), type: [...types, "null"] } };
}
