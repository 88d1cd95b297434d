import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import { configSchema } from "../shared/domain/config/schema.ts";

/**
 * Writes the JSON Schema of the configuration, for editors and for configurations in JSON. The comment above an
 * option in `shared/domain/config/` is its `description`, so that an editor shows the same text for JSON and for
 * TypeScript. Checks that need code, such as unique names, are not in it. The authorizer makes them when it starts.
 *
 * Usage: schema.ts [--check]   with --check it writes nothing and fails if the file is out of date
 */
const FILE = "schema/sallyport.config.schema.json";
const SOURCES = "shared/domain/config";

/** Descriptions by option. */
type Descriptions = ReadonlyMap<string, string>;

const sections = await readSections(SOURCES);
const schema = toJsonSchema(configSchema, {
  errorMode: "ignore",
  typeMode: "input",
  overrideSchema: ({ valibotSchema, jsonSchema }) =>
    "entries" in valibotSchema ? withDescriptions(jsonSchema, Object.keys(Object(valibotSchema.entries))) : undefined,
});
const text = `${JSON.stringify({ title: "Sallyport configuration", ...schema }, undefined, 2)}\n`;

if (process.argv.includes("--check")) {
  if ((await readFile(FILE, "utf8").catch(() => "")) !== text) {
    console.error(`${FILE} is out of date: npm run schema`);
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
  console.log(FILE);
}

/** @throws {Error} if an option has no comment */
function withDescriptions(jsonSchema: JsonSchema, options: readonly string[]): JsonSchema {
  const descriptions = sections.get(options.join());
  const described = Object.entries(jsonSchema.properties ?? {}).map(([option, value]) => {
    const description = descriptions?.get(option);
    if (description === undefined) throw new Error(`${SOURCES}: no comment above ${option} in { ${options.join()} }`);
    return [option, { description, ...Object(value) }];
  });
  return { ...jsonSchema, properties: Object.fromEntries(described) };
}

/**
 * Reads the comments of all object schemas in a folder, by the names of their options in order. The schema at run time
 * knows these names and not its source file.
 *
 * @throws {Error} if two object schemas with the same options have different comments
 */
async function readSections(folder: string): Promise<ReadonlyMap<string, Descriptions>> {
  const found = new Map<string, Descriptions>();
  for (const file of await readdir(folder)) {
    for (const section of sectionsOf(await readFile(join(folder, file), "utf8"))) {
      const key = [...section.keys()].join();
      const other = found.get(key);
      for (const [option, description] of section) {
        if (other && other.get(option) !== description) throw new Error(`${folder}: two comments for ${option}`);
      }
      found.set(key, section);
    }
  }
  return found;
}

/**
 * The object schemas of a source file. It relies on the formatter: the options of one schema have the same indentation,
 * and all lines between them are indented at least as much.
 */
function sectionsOf(source: string): Descriptions[] {
  const found: Descriptions[] = [];
  const open: { indent: number; section: Map<string, string> }[] = [];
  let comment = "";
  for (const [, space = "", content = ""] of source.matchAll(/^( *)(\/\*\*[\s\S]*?\*\/|\S.*)$/gm)) {
    while ((open.at(-1)?.indent ?? 0) > space.length) open.pop();
    const [, option] = /^(\$?\w+)(?::|,$)/.exec(content) ?? [];
    const last = open.at(-1);
    if (option && last?.indent === space.length) last.section.set(option, comment);
    comment = content.startsWith("/**") ? plainText(content) : "";
    if (/v\.(strict|loose)Object\(\{$/.test(content)) {
      const section = new Map<string, string>();
      open.push({ indent: space.length + 2, section });
      found.push(section);
    }
  }
  return found;
}

/** The text of a comment: one line per paragraph, and `Example: …` for an `@example`. */
function plainText(comment: string): string {
  return comment
    .replace(/^\/\*\*\s*|\s*\*\/$/g, "")
    .replace(/^ *\* ?/gm, "")
    .split(/\n\n/)
    .map((paragraph) => paragraph.replaceAll("\n", " ").replace(/^@example /, "Example: "))
    .join("\n\n");
}
