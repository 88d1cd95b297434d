import { hash } from "node:crypto";

/** What a record is about: a subject of an issuer, one token of an issuer, or a tenant. */
export type RecordRef =
  | { readonly kind: "subject"; readonly issuer: string; readonly subject: string }
  | { readonly kind: "token"; readonly issuer: string; readonly tokenId: string }
  | { readonly kind: "tenant"; readonly tenant: string };

export type RecordKind = RecordRef["kind"];

const PREFIXES = { subject: "SUBJECT#", token: "TOKEN#", tenant: "TENANT#" } as const;

/**
 * Partition key of a record. It is a digest, because an issuer and a subject together can be longer than a partition
 * key (2,048 bytes), and whatever separators stand in them. JSON writes no two lists of texts alike. The prefix lets a
 * policy of IAM open one kind of record (`dynamodb:LeadingKeys`). No part of a token goes into it but its id.
 */
export const recordKey = (ref: RecordRef): string => PREFIXES[ref.kind] + digestOf(...partsOf(ref));

/**
 * Partition of the index by issuers that has an issuer's subjects, or its revoked tokens. An issuer can be longer than
 * the key of an index.
 */
export const issuerKey = (kind: "subject" | "token", issuer: string): string => PREFIXES[kind] + digestOf(issuer);

/** The kind of record that a partition key is of. Undefined: none of these. */
export const kindOfKey = (key: string): RecordKind | undefined =>
  (Object.keys(PREFIXES) as RecordKind[]).find((kind) => key.startsWith(PREFIXES[kind]));

function partsOf(ref: RecordRef): readonly string[] {
  if (ref.kind === "subject") return [ref.issuer, ref.subject];
  return ref.kind === "token" ? [ref.issuer, ref.tokenId] : [ref.tenant];
}

const digestOf = (...parts: readonly string[]): string => hash("sha256", JSON.stringify(parts), "base64url");
