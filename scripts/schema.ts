import { readFile, writeFile } from "node:fs/promises";
import { toJsonSchema } from "@valibot/to-json-schema";
import { configSchema } from "../shared/domain/config/schema.ts";

/**
 * Writes the JSON Schema of the configuration, for editors and for configurations that are not TypeScript.
 * Checks that only code can make (one name once, HS with a secret) are not in it; the authorizer makes them at its start.
 *
 * Usage: schema.ts [--check]   with --check it writes nothing and fails if the file is out of date
 */
const FILE = "schema/sallyport.config.schema.json";

const schema = toJsonSchema(configSchema, { errorMode: "ignore", typeMode: "input" });
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
