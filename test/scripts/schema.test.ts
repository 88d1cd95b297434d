import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import schema from "../../schema/sallyport.config.schema.json" with { type: "json" };

interface Option {
  readonly path: string;
  readonly description?: string;
  readonly default?: unknown;
}

/** Every option of a JSON Schema, at any depth. */
function optionsOf(node: unknown, path = ""): Option[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === "properties"
      ? Object.entries(Object(value)).flatMap(([name, option]) => [
          { path: `${path}.${name}`, ...Object(option) },
          ...optionsOf(option, `${path}.${name}`),
        ])
      : optionsOf(value, path),
  );
}

describe("the JSON Schema", () => {
  const options = optionsOf(schema);

  test.each(options)("describes $path", ({ description }) => {
    expect(description).toMatch(/^[A-Z`].*[.]/s);
    expect(description).not.toMatch(/\*\/|@\w/);
  });

  test.each(options.filter((option) => ["string", "number", "boolean"].includes(typeof option.default)))(
    "states the default of $path",
    ({ description, default: value }) => expect(description).toMatch(new RegExp(`Default: \`?${value}\`?\\.`)),
  );

  test("finds the options of alternatives and lists", () => {
    const paths = options.map(({ path }) => path);
    expect(paths).toContain(".jwt.issuers.keys.secret.kms");
    expect(paths).toContain(".routes.windows.timeZone");
  });
});

describe("the published types", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-types-"));
  await promisify(execFile)("node_modules/.bin/tsc", [
    "--project",
    "tsconfig.package.json",
    "--emitDeclarationOnly",
    "--outDir",
    folder,
  ]);
  const files = ["api-keys", "common", "introspection", "jwt", "routes", "saml", "schema", "secret"];
  const texts = await Promise.all(
    files.map(async (name) => [name, await readFile(join(folder, "shared/domain/config", `${name}.d.ts`), "utf8")]),
  );
  await rm(folder, { recursive: true });

  test.each(texts)("have a comment on every option of %s, which editors show on hover", (_name, text = "") => {
    const lines = text.split("\n");
    const bare = lines.filter(
      (line, index) => /^ +readonly \$?\w+: (v\.|import\()/.test(line) && !/\*\/$/.test(lines[index - 1] ?? ""),
    );
    expect(bare).toEqual([]);
  });
});
