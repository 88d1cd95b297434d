import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the client's types are those that openapi-typescript makes of the document", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-types-"));
  const file = join(folder, "types.d.ts");
  const generator = "test/openapi-generator/node_modules/openapi-typescript/bin/cli.js";
  await promisify(execFile)(process.execPath, [generator, "schema/api-keys.openapi.json", "-o", file]);
  expect(await readFile("test/local/stack/openapi-types.d.ts", "utf8")).toBe(await readFile(file, "utf8"));
  await rm(folder, { recursive: true });
});
