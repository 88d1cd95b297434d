/**
 * The most characters of a record as JSON, of up to three bytes each. DynamoDB takes items of 400 KB, and an authorizer
 * reads an answer of a megabyte.
 */
export const MAX_LENGTH = 100_000;

/** Characters of a record as JSON. */
export const lengthOf = (record: object): number => JSON.stringify(record).length;
