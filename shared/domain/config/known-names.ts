import { LATE, type LateName } from "./late.ts";
import { configSchema } from "./schema.ts";

/** The parts of a Valibot schema that lead to what it holds. */
interface Schema {
  readonly type?: string;
  readonly late?: LateName;
  readonly pipe?: readonly Schema[];
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly value?: Schema;
  readonly options?: readonly unknown[];
  readonly entries?: Readonly<Record<string, Schema>>;
}

/** The names of the options in a section of the configuration. @param keys the path of the section */
export function knownNames(keys: readonly unknown[]): string[] {
  let schemas: readonly Schema[] = [configSchema as Schema];
  for (const key of keys) schemas = schemas.flatMap(alternatives).flatMap((schema) => memberOf(schema, key) ?? []);
  return [...new Set(schemas.flatMap(alternatives).flatMap(({ entries = {} }) => Object.keys(entries)))];
}

/** A schema without what is around it: every alternative of a union. */
function alternatives(schema: Schema): readonly Schema[] {
  if (schema.late) return alternatives((LATE[schema.late] ?? {}) as Schema);
  const [inner] = schema.pipe ?? [];
  if (inner && inner !== schema) return alternatives(inner);
  if (schema.wrapped) return alternatives(schema.wrapped);
  return schema.type === "union" ? (schema.options as readonly Schema[]).flatMap(alternatives) : [schema];
}

function memberOf({ type, entries, item, value }: Schema, key: unknown): Schema | undefined {
  if (type === "array") return item;
  if (type === "record") return value;
  return entries && Object.hasOwn(entries, String(key)) ? entries[String(key)] : undefined;
}
