import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { COMMANDS } from "../shared/domain/commands/command.ts";
import { LATE, type LateName } from "../shared/domain/config/late.ts";
import "../shared/domain/config/late-schema.ts";
import { configSchema } from "../shared/domain/config/schema.ts";
import { EVENTS } from "../shared/domain/events/events.ts";
import { openApiDocument } from "./openapi/document.ts";
import { readSections } from "./schema/sections.ts";

/**
 * Writes the JSON Schema of the configuration, for editors and for configurations in JSON; those of the events,
 * for their consumers; those of the commands, for their senders; and the OpenAPI document of the admin API. The comment
 * above an option in `shared/domain/config/`, `shared/domain/events/` or `shared/domain/commands/` is its
 * `description`, so that an editor shows the same text for JSON and for TypeScript. Checks that need code, such as
 * unique names, are not in it. The authorizer makes them when it starts.
 *
 * Usage: schema.ts [--check]   with --check it writes nothing and fails if a file is out of date
 */
const files = new Map<string, string>();
files.set(
  "schema/sallyport.config.schema.json",
  await schemaText(configSchema, "Sallyport configuration", "shared/domain/config"),
);
for (const [name, detail] of Object.entries(EVENTS))
  files.set(`schema/events/${name}.json`, await schemaText(detail, `detail of ${name}`, "shared/domain/events"));
for (const [name, detail] of Object.entries(COMMANDS))
  files.set(`schema/commands/${name}.json`, await schemaText(detail, `detail of ${name}`, "shared/domain/commands"));
files.set("schema/api-keys.openapi.json", `${JSON.stringify(openApiDocument(), undefined, 2)}\n`);

for (const [file, text] of files) {
  if (!process.argv.includes("--check")) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(file);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`${file} is out of date: npm run schema`);
    process.exitCode = 1;
  }
}

/** @param sources folder of the files with the schema and its comments */
async function schemaText(schema: GenericSchema, title: string, sources: string): Promise<string> {
  const sections = await readSections(sources);
  /** @throws {Error} if an option has no comment */
  const withDescriptions = (jsonSchema: JsonSchema, options: readonly string[]): JsonSchema => {
    const descriptions = sections.get(options.join());
    const described = Object.entries(jsonSchema.properties ?? {}).map(([option, value]) => {
      const description = descriptions?.get(option);
      if (description === undefined) throw new Error(`${sources}: no comment above ${option} in { ${options.join()} }`);
      return [option, { description, ...Object(value) }];
    });
    return { ...jsonSchema, properties: Object.fromEntries(described) };
  };
  const toJson = (part: GenericSchema): JsonSchema =>
    toJsonSchema(part, {
      errorMode: "ignore",
      typeMode: "input",
      overrideSchema: ({ valibotSchema, jsonSchema }) => {
        if ("late" in valibotSchema) {
          const { $schema: _, ...late } = toJson(LATE[valibotSchema.late as LateName] as GenericSchema);
          return late;
        }
        return "entries" in valibotSchema
          ? withDescriptions(jsonSchema, Object.keys(Object(valibotSchema.entries)))
          : undefined;
      },
    });
  const json = toJson(schema);
  return `${JSON.stringify({ title, ...json }, undefined, 2)}\n`;
}
