import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const SHARED = ["shared/domain", "shared/infrastructure"];
/** What is deployed, and the configuration. */
const DEPLOYED = [...SHARED, "providers", "functions", "sallyport.config.ts"];

/**
 * The folders that each folder may import. Within shared/, the domain does not import infrastructure. Biome finds
 * import cycles (`noImportCycles`).
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "shared/domain": [],
  "shared/infrastructure": ["shared/domain"],
  providers: SHARED,
  functions: [...SHARED, "providers", "sallyport.config.ts", "schema/api-keys.openapi.json"],
  iam: ["shared/domain"],
  "entry-points": [...SHARED, "providers", "functions"],
  local: [...DEPLOYED, "iam", "package.json"],
  cli: [...DEPLOYED, "iam", "local", "package.json"],
  scripts: [
    ...DEPLOYED,
    ...["iam", "local", "cli", "entry-points", "package.json"],
    ...["test/model", "test/providers/jwt/mint.ts"],
  ],
  "sallyport.config.ts": ["shared/domain"],
};

const ROOMS = Object.keys(MAY_IMPORT);

const roomOf = (file: string) =>
  [...ROOMS, "test/model"].find((room) => file === room || file.startsWith(`${room}/`)) ?? file;

async function importsOf(file: string): Promise<string[]> {
  const source = await readFile(file, "utf8");
  const specifiers = [...source.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)].map(([, path]) => path ?? "");
  return specifiers.map((specifier) => join(dirname(file), specifier));
}

describe.each(ROOMS)("%s", (room) => {
  test(`imports only from ${MAY_IMPORT[room]?.join(", ") || "itself"}`, async () => {
    const files: string[] = [];
    for await (const file of glob(room.endsWith(".ts") ? room : `${room}/**/*.ts`)) files.push(file);
    expect(files.length).toBeGreaterThan(0);
    const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
    const wrong: string[] = [];
    for (const file of files) {
      for (const imported of await importsOf(file)) {
        if (!allowed.includes(roomOf(imported))) wrong.push(`${file} imports ${imported}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test("the domain's configuration does not import policies", async () => {
  for await (const file of glob("shared/domain/config/**/*.ts")) {
    expect(await importsOf(file), file).not.toContainEqual(expect.stringMatching(/^shared\/domain\/policy\//));
  }
});
