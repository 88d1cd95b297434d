import * as v from "valibot";

/** Names of the parts that only some functions use. */
export type LateName = "federation" | "login" | "protectedResources";

/**
 * A part of the configuration that the authorizer does not use, and so does not check: its schema would be loaded at
 * every start. `parseConfig` checks it, and so does the function that uses it (`late-schema.ts`).
 */
export const late = <Schema extends v.GenericSchema>(
  name: LateName,
): v.GenericSchema<v.InferInput<Schema>, v.InferOutput<Schema>> =>
  Object.assign(v.unknown(), { late: name }) as unknown as v.GenericSchema<v.InferInput<Schema>, v.InferOutput<Schema>>;

/** The schemas of these parts, where they are loaded. */
export const LATE: Partial<Record<LateName, v.GenericSchema>> = {};
