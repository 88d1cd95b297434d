import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../local/gateway/settings.ts";
import { XML_LIMITS } from "../providers/saml/xml/scan.ts";
import { SAML_PRESETS } from "../shared/domain/config/saml-presets.ts";
import { RESERVED_CONTEXT_KEYS } from "../shared/domain/principal/context-keys.ts";
import { KIND_SOURCES } from "../shared/domain/principal/principal.ts";
import { DENIALS, REJECTIONS, TROUBLES, WARNINGS } from "../shared/domain/reasons/reasons.ts";
import { template } from "./template.ts";

/** Lists in the documentation match the code. */

const read = (file: string) => readFile(file, "utf8");

/** The first cells of all table rows of a text. `namesOf` returns the names in code font within them. */
const rowsOf = (text: string) => [...text.matchAll(/^\| (.+?) \|/gm)].map(([, cell]) => cell ?? "");
const namesOf = (text: string) =>
  rowsOf(text).flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""));
const sectionOf = (text: string, heading: string) =>
  text.split(/^## /m).find((section) => section.startsWith(heading)) ?? "";

test("docs/reasons.md has every reason with its meaning, under its outcome", async () => {
  const text = await read("docs/reasons.md");
  const listed = (heading: string) =>
    Object.fromEntries(
      [...sectionOf(text, heading).matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code, meaning]) => [code, meaning]),
    );
  expect(listed("The credential is bad or missing")).toEqual(REJECTIONS);
  expect(listed("The caller is known")).toEqual(DENIALS);
  expect(listed("There was trouble")).toEqual(TROUBLES);
});

test("docs/configuration.md has every option of the schema, and no other", async () => {
  const schema = JSON.parse(await read("schema/sallyport.config.schema.json"));
  const text = await read("docs/configuration.md");
  const documented = text.split("## Environment variables")[0] ?? "";
  const listed = namesOf(documented.slice(documented.indexOf("## Where credentials stand")));
  expect(listed.sort()).toEqual([...new Set(optionsOf(schema))].sort());
});

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
}

function optionsOf({ properties = {}, items, anyOf = [] }: Schema, path = ""): string[] {
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => {
      const own = path === "" ? name : `${path}.${name}`;
      return [own, ...optionsOf(inner, own)];
    }),
    ...(items ? optionsOf(items, `${path}[]`) : []),
    ...anyOf.flatMap((inner) => optionsOf(inner, path)),
  ];
}

test("docs/configuration.md has the defaults of the schema", async () => {
  const schema = JSON.parse(await read("schema/sallyport.config.schema.json"));
  const text = await read("docs/configuration.md");
  for (const [path, value] of defaultsOf(schema)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${path}\` |`)) ?? "";
    const shown = row.split("|").at(-2)?.trim() ?? "";
    const text_ = typeof value === "string" ? value : JSON.stringify(value).replaceAll(",", ", ");
    if (shown.startsWith("`")) expect([path, shown]).toEqual([path, `\`${text_}\``]);
    else
      expect([path, shown]).toEqual([path, expect.stringMatching(/^(always|every day|all but the last|discovery|)$/)]);
  }
});

function defaultsOf({ properties = {}, items, anyOf = [], ...own }: Schema, path = ""): [string, unknown][] {
  return [
    ...("default" in own && JSON.stringify(own.default) !== "{}" ? [[path, own.default] as [string, unknown]] : []),
    ...Object.entries(properties).flatMap(([name, inner]) => defaultsOf(inner, path === "" ? name : `${path}.${name}`)),
    ...(items ? defaultsOf(items, `${path}[]`) : []),
    ...anyOf.flatMap((inner) => defaultsOf(inner, path)),
  ];
}

test("docs/configuration.md has every environment variable that is read", async () => {
  const source = (await read("sallyport.config.ts")) + (await read("shared/domain/config/cache.ts"));
  const variables = new Set([...source.matchAll(/SALLYPORT_[A-Z_]+/g)].map(([name]) => name));
  const listed = namesOf(sectionOf(await read("docs/configuration.md"), "Environment variables"));
  expect(listed.sort()).toEqual([...variables, "SALLYPORT_CONFIG"].sort());
});

test("docs/sam.md has every parameter and output of the template, with its default", async () => {
  const { Parameters, Outputs } = template;
  const section = sectionOf(await read("docs/sam.md"), "Parameters");
  expect(rowsOf(section).flatMap((cell) => /^`(\w+)`$/.exec(cell)?.[1] ?? [])).toEqual([
    ...Object.keys(Parameters),
    ...Object.keys(Outputs),
  ]);
  for (const [name, { Default }] of Object.entries(Parameters)) {
    const shown = section
      .split("\n")
      .find((line) => line.startsWith(`| \`${name}\``))
      ?.split("|")
      .at(-2)
      ?.trim();
    expect([name, shown]).toEqual([name, Default === "" ? "" : `\`${Default}\``]);
  }
});

test("docs/saml.md has every preset with its mapping, and the limits on XML", async () => {
  const text = await read("docs/saml.md");
  const rows =
    text
      .split("### Presets")[1]
      ?.split("\n")
      .filter((line) => line.startsWith("| `")) ?? [];
  expect(rows.map((row) => /`(\w+)`/.exec(row)?.[1])).toEqual(Object.keys(SAML_PRESETS));
  for (const [index, { attributes }] of Object.values(SAML_PRESETS).entries()) {
    const listed = [...(rows[index]?.split("|").at(-2) ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(listed).toEqual(Object.keys(attributes));
  }
  const { elements, names, depth, attributes, references } = XML_LIMITS;
  expect(text).toContain(
    `at most ${elements} elements of ${names} names, ${depth} deep, ${attributes} attributes, ${references.toLocaleString("en")} references`,
  );
  const row = (await read("docs/configuration.md")).split("\n").find((line) => line.includes("[].preset`")) ?? "";
  for (const preset of Object.keys(SAML_PRESETS)) expect(row).toContain(`\`${preset}\``);
});

test("docs/policy.md has every context key that the authorizer sets", async () => {
  const listed = namesOf(sectionOf(await read("docs/policy.md"), "What a backend gets"));
  // These keys are reserved because API Gateway sets them.
  const foreign = ["attributes", "claims", "integrationLatency", "principalId"];
  expect(listed.sort()).toEqual(RESERVED_CONTEXT_KEYS.filter((name) => !foreign.includes(name)).sort());
});

test("docs/logs-and-metrics.md has every field and metric", async () => {
  const source = await read("functions/authorizer/outcome-log.ts");
  const [log = "", metrics = ""] = (await read("docs/logs-and-metrics.md")).split(/^## (?:Metrics|Alarms)$/m);
  const listed = namesOf(log);
  for (const field of [
    "outcome",
    "reason",
    "credentials",
    "rules",
    "cause",
    "kind",
    "kindFrom",
    "api",
    "routeKey",
    "requestId",
    "apiId",
    "stage",
    "httpMethod",
    "resourcePath",
  ]) {
    expect(source).toContain(field);
    expect(listed).toContain(field);
  }
  const warnings = [...log.matchAll(/^\| `(\w+)` \| ([A-Z].+) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
  expect(Object.fromEntries(warnings)).toEqual(WARNINGS);
  const counted = [...source.matchAll(/addMetric\("(\w+)"/g)].map(([, name]) => name);
  expect(namesOf(metrics)).toEqual([...counted, "ColdStart"]);
  const dimensions = [...source.matchAll(/addDimensions\(\{ (\w+) \}\)/g)].map(([, name]) => `\`${name}\``);
  expect(dimensions.length).toBeGreaterThan(2);
  for (const name of dimensions) expect(metrics).toContain(name);
});

test("docs/configuration.md has everything that decides a caller's kind", async () => {
  const section = (await read("docs/configuration.md")).split("### Users and clients")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| .+ \| `(\w+)` \|$/gm)].map(([, name]) => name);
  const beside = [...section.matchAll(/\(`(\w+)`\)/g)].map(([, name]) => name);
  expect([...rows, ...beside].sort()).toEqual([...KIND_SOURCES].sort());
});

test("docs/logs-and-metrics.md has every alarm of the template, and the phrases of its filters", async () => {
  const text = sectionOf(await read("docs/logs-and-metrics.md"), "Alarms");
  const alarms = Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::CloudWatch::Alarm");
  expect(namesOf(text).sort()).toEqual(alarms.map(([name]) => name).sort());
  for (const { Properties } of Object.values(template.Resources)) {
    for (const [, phrase = ""] of String(Properties?.FilterPattern ?? "").matchAll(/"([^"]+)"/g))
      expect(text).toContain(`\`${phrase}\``);
  }
});

test("events/README.md has every event", async () => {
  const files = (await readdir("events")).filter((name) => name.endsWith(".json"));
  expect(
    namesOf(await read("events/README.md"))
      .filter((name) => name.endsWith(".json"))
      .sort(),
  ).toEqual(files.sort());
});

describe("every page", async () => {
  const pages = [
    ...(await readdir(".")).filter((name) => name.endsWith(".md")),
    ...(await readdir("docs", { recursive: true }))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
    "events/README.md",
  ];
  const scripts = (JSON.parse(await read("package.json")) as { scripts: object }).scripts;

  test.each(pages)("%s has no broken link", async (page) => {
    const text = await read(page);
    for (const [, target = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path));
      const linked = await read(file).catch(() => readdir(file).then(String));
      if (anchor) {
        const headings = [...linked.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
          title
            .toLowerCase()
            .replace(/[^\w -]/g, "")
            .replaceAll(" ", "-"),
        );
        expect(headings).toContain(anchor);
      }
    }
  });

  test.each(pages)("%s names only scripts that exist", async (page) => {
    for (const [, name = ""] of (await read(page)).matchAll(/npm run ([a-z:]+)/g))
      expect(Object.keys(scripts)).toContain(name);
  });
});

test("README.md links to every page of docs/", async () => {
  const text = await read("README.md");
  for (const name of await readdir("docs"))
    expect(text).toContain(name.endsWith(".md") ? `(docs/${name})` : `(docs/${name}/README.md)`);
});

test("docs/local-gateway.md has every setting of the gateway with its default, and every option of npm start", async () => {
  const text = await read("docs/local-gateway.md");
  const listed = namesOf(sectionOf(text, "Where AWS is not sure")).filter((name) => /^[a-z]/.test(name));
  expect(listed).toEqual(Object.keys(DEFAULT_SETTINGS));
  const source = await read("local/stack/options.ts");
  const options = [...source.matchAll(/^ {2}--([a-z]+)/gm)].map(([, name]) => `--${name}`);
  expect(options.length).toBeGreaterThan(3);
  for (const option of options) expect(text).toContain(`\`${option}`);
});
