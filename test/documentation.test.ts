import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import type { CommandIo } from "../cli/command-io.ts";
import { addEntitlementsCommand } from "../cli/entitlements.ts";
import { EXIT } from "../cli/exit-code.ts";
import { addKeysCommand } from "../cli/keys.ts";
import { OPERATIONS } from "../functions/api-keys/answer-request.ts";
import { PROBLEMS } from "../functions/api-keys/http/problem.ts";
import { DEFAULT_SETTINGS } from "../local/gateway/settings.ts";
import { HOSTS } from "../local/hosts/hosts.ts";
import { SCENARIOS } from "../local/stage/scenarios.ts";
import { keyRecord } from "../providers/api-key/record.ts";
import { XML_LIMITS } from "../providers/saml/xml/scan.ts";
import { JWT_PRESETS } from "../shared/domain/config/jwt-presets.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import type { PresetValues } from "../shared/domain/config/preset-types.ts";
import { SAML_PRESETS } from "../shared/domain/config/saml-presets.ts";
import { CLIMBING, spellingsBelow } from "../shared/domain/policy/spellings.ts";
import { RESERVED_CONTEXT_KEYS } from "../shared/domain/principal/context-keys.ts";
import { KIND_SOURCES } from "../shared/domain/principal/principal.ts";
import { DENIALS, REJECTIONS, TROUBLES, WARNINGS } from "../shared/domain/reasons/reasons.ts";
import { substituteEnvironment } from "../shared/infrastructure/configuration/substitute.ts";
import { propertiesOf, template } from "./template.ts";

/** Lists in the documentation match the code. */

const read = (file: string) => readFile(file, "utf8");

/** The first cells of all table rows of a text. `namesOf` returns the names in code font within them. */
const rowsOf = (text: string) => [...text.matchAll(/^\| (.+?) \|/gm)].map(([, cell]) => cell ?? "");
const namesOf = (text: string) =>
  rowsOf(text).flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""));
const sectionOf = (text: string, heading: string) =>
  text.split(/^## /m).find((section) => section.startsWith(heading)) ?? "";

test("docs/reasons.md has every reason with its meaning and what to do, under its outcome", async () => {
  const text = await read("docs/reasons.md");
  const listed = (heading: string) =>
    Object.fromEntries(
      [...sectionOf(text, heading).matchAll(/^\| `(\w+)` \| (.+) \| [^|]+ \|$/gm)].map(([, code, meaning]) => [
        code,
        meaning,
      ]),
    );
  expect(listed("The credential is bad or missing")).toEqual(REJECTIONS);
  expect(listed("The caller is known")).toEqual(DENIALS);
  expect(listed("Sallyport could not decide")).toEqual(TROUBLES);
});

test("docs/reasons.md names only options that are there", async () => {
  const options = optionsOf(JSON.parse(await read("schema/sallyport.config.schema.json")));
  const actions = [...(await read("docs/reasons.md")).matchAll(/^\| `\w+` \| .+ \| ([^|]+) \|$/gm)].map(
    ([, text]) => text,
  );
  const named = actions.flatMap((text) =>
    [...(text ?? "").matchAll(/`([a-z]\w*[A-Z.[\]\w]*)`/g)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(20);
  const others = ["alg", "aud", "cause", "crit", "exp", "iss", "kid", "keys", "typ", "unavailable", "use", "explain"];
  others.push("ath", "cnf", "cnf.jkt", "htm", "htu", "jkt", "jti", "jwk");
  for (const name of named.filter((each) => !others.includes(each ?? "")))
    expect(
      options.some((option) => option === name || option.endsWith(`.${name}`)),
      name,
    ).toBe(true);
});

test("docs/configuration.md has every option of the schema, and no other", async () => {
  const schema = JSON.parse(await read("schema/sallyport.config.schema.json"));
  const text = await read("docs/configuration.md");
  const documented = text.split("## Environment variables")[0] ?? "";
  const listed = namesOf(documented.slice(documented.indexOf("## Where credentials may be")));
  const options = optionsOf(schema);
  // What a secret has is listed once, for all that link to it.
  const secrets = options.filter((option) => option.endsWith(".kms")).map((option) => option.slice(0, -".kms".length));
  const secretOf = (option: string) => secrets.find((secret) => option.startsWith(`${secret}.`));
  const named = options.map((option) => option.slice(secretOf(option) ? `${secretOf(option)}.`.length : 0));
  expect(listed.sort()).toEqual([...new Set(named)].sort());
  for (const secret of secrets) {
    const row = documented.split("\n").find((line) => line.startsWith(`| \`${secret.replace(/\[\]$/, "")}\``));
    expect(row).toMatch(/secrets?\]\(#secrets\)/);
  }
});

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
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

test("docs/configuration.md has the values and the bounds of each option", async () => {
  const schema = JSON.parse(await read("schema/sallyport.config.schema.json"));
  const lines = (await read("docs/configuration.md")).split("\n");
  const limits = limitsOf(schema);
  expect(limits.length).toBeGreaterThan(20);
  for (const [path, values] of limits) {
    const row = lines.find((line) => line.startsWith("| ") && line.includes(`\`${path}\``)) ?? "";
    for (const value of values) expect([path, row]).toEqual([path, expect.stringMatching(wordOf(value))]);
  }
});

/** What an option may be, where that is a list of words or a range of numbers, by its path. */
function limitsOf(own: Schema, path = ""): [string, (string | number)[]][] {
  const { properties = {}, items, anyOf = [], enum: words = [], minimum, maximum } = own;
  const values = [...words, ...[minimum, maximum].flatMap((bound) => bound ?? [])];
  return [
    ...(values.length > 0 ? [[path.replace(/(\[\])+$/, ""), values] as [string, (string | number)[]]] : []),
    ...Object.entries(properties).flatMap(([name, inner]) => limitsOf(inner, path === "" ? name : `${path}.${name}`)),
    ...(items ? limitsOf(items, `${path}[]`) : []),
    ...anyOf.flatMap((inner) => limitsOf(inner, path)),
  ];
}

const wordOf = (value: string | number) => new RegExp(`(?<![\\w-])${value}(?![\\w-])`);

test("docs/configuration.md shows a configuration that is valid", async () => {
  const [, example = ""] = /^```json\n(.+?)^```$/ms.exec(await read("docs/configuration.md")) ?? [];
  const { value } = substituteEnvironment(JSON.parse(example), { SALLYPORT_KEYS_TABLE: "keys" });
  expect(parseConfig(value).routes).toHaveLength(1);
  const section = (await read("docs/configuration.md")).split("### How the caller signed in")[1] ?? "";
  expect(parseConfig(jsonIn(section)[0]).routes.map(({ name }) => name)).toEqual([
    "orders",
    "pay-out",
    "no-passwords",
    "batch",
  ]);
});

const jsonIn = (text: string) => [...text.matchAll(/^```json\n(.+?)^```$/gms)].map(([, json = ""]) => JSON.parse(json));

test("docs/issuers.md shows configurations and entries that are valid", async () => {
  const [whole, ...entries] = jsonIn(await read("docs/issuers.md"));
  expect(parseConfig(whole).routes).toHaveLength(2);
  expect(entries).toHaveLength(2);
  const routes = [{ name: "all", methods: ["GET"], paths: ["/a"] }];
  for (const entry of entries) expect(parseConfig({ jwt: { issuers: [entry] }, routes }).jwt?.issuers).toHaveLength(1);
});

test("docs/issuers.md has every preset, and the attributes of those of workloads", async () => {
  const text = await read("docs/issuers.md");
  for (const [preset, valuesOf] of Object.entries(JWT_PRESETS)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${preset}\` |`)) ?? "";
    expect(row, preset).not.toBe("");
    const values: PresetValues = valuesOf({ issuer: "", audience: [] });
    if (values.kind !== "client") continue;
    const named = [...(row.split("|").at(-2) ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(named, preset).toEqual(Object.keys(values.claims?.attributes ?? {}));
  }
});

test("docs/sender-constrained-tokens.md shows a configuration that is valid", async () => {
  const [, example = ""] = /^```json\n(.+?)^```$/ms.exec(await read("docs/sender-constrained-tokens.md")) ?? [];
  expect(parseConfig(JSON.parse(example)).dpop?.origins).toEqual(["https://api.example.com"]);
});

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

test("docs/sam.md has every host that the end-to-end tests can use", async () => {
  const section = sectionOf(await read("docs/sam.md"), "Where the tests run the function");
  expect(namesOf(section).sort()).toEqual(Object.keys(HOSTS).sort());
});

test("docs/deployment.md configures the function in each snippet as the template does", async () => {
  const text = await read("docs/deployment.md");
  const snippets = [...text.matchAll(/^```(?:yaml|ts|hcl|bash)\n(.+?)^```$/gms)]
    .map(([, snippet = ""]) => snippet)
    .filter((snippet) => snippet.includes("dist/functions/authorizer"));
  expect(snippets).toHaveLength(4);
  const { MemorySize, Timeout } = propertiesOf("Authorizer");
  for (const snippet of snippets) {
    expect(snippet).toMatch(/index\.handler/);
    expect(snippet).toMatch(/nodejs24\.x|NODEJS_24_X/);
    expect(snippet).toMatch(new RegExp(`memory[_-]?size\\W+${MemorySize}\\b`, "i"));
    expect(snippet).toMatch(new RegExp(`timeout\\W+(?:Duration\\.seconds\\()?${Timeout}\\b`, "i"));
    expect(snippet).toMatch(/SALLYPORT_CACHED_BY\W+authorization\b/);
    expect(snippet).toMatch(new RegExp(`SALLYPORT_CACHE_TTL\\W+${template.Parameters.ReauthorizeEvery?.Default}\\b`));
  }
});

test("docs/saml.md has every preset with its mapping, and the limits on XML", async () => {
  const text = await read("docs/saml.md");
  const rows =
    text
      .split("### Presets")[1]
      ?.split("\n#")[0]
      ?.split("\n")
      .filter((line) => line.startsWith("| `")) ?? [];
  expect(rows.map((row) => /`(\w+)`/.exec(row)?.[1])).toEqual(Object.keys(SAML_PRESETS));
  for (const [index, { attributes }] of Object.values(SAML_PRESETS).entries()) {
    const listed = [...(rows[index]?.split("|").at(-2) ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(listed).toEqual(Object.keys(attributes));
  }
  const { elements, names, depth, attributes, references, attributesOfOne } = XML_LIMITS;
  expect(text.replaceAll(/\s+/g, " ")).toContain(
    `at most ${elements} elements of ${names} names, ${depth} deep, ${attributes} attributes, ${references.toLocaleString("en")} references, ${attributesOfOne} attributes of one element`,
  );
  const row =
    (await read("docs/configuration.md"))
      .split("\n")
      .find((line) => line.includes("s[].preset`") && line.includes("saml.")) ?? "";
  for (const preset of Object.keys(SAML_PRESETS)) expect(row).toContain(`\`${preset}\``);
});

test("docs/policy.md has every spelling that a denial covers below a wildcard, and every one that no path may have", async () => {
  const section = sectionOf(await read("docs/policy.md"), "Paths and spellings");
  const [, below = ""] = /also denies, for every method, the\s+paths (.+?)\. If Z/s.exec(section) ?? [];
  const listed = [...below.matchAll(/`Z([^`]+)`/g)].map(([, ending]) => `/admin${ending}`);
  // Those with `..` are denied everywhere.
  const plain = listed.filter((path) => !path.includes(".."));
  expect(plain.sort()).toEqual(spellingsBelow({ method: "*", path: "/admin/*" }).sort());
  const [, climbing = ""] = /A path with (.+?) in it is never allowed/s.exec(section) ?? [];
  const parts = [...climbing.matchAll(/`([^`]+)`/g)].map(([, part]) => `*${part}*`);
  expect(parts.sort()).toEqual([...CLIMBING].sort());
});

test("docs/policy.md has every context key that the authorizer sets", async () => {
  const listed = namesOf(sectionOf(await read("docs/policy.md"), "What a backend gets"));
  // These keys are reserved because API Gateway sets them.
  const foreign = ["attributes", "claims", "integrationLatency", "principalId"];
  expect(listed.sort()).toEqual(RESERVED_CONTEXT_KEYS.filter((name) => !foreign.includes(name)).sort());
});

test("docs/logs-and-metrics.md has every field and metric", async () => {
  const sources = [
    ...["authorizer/outcome-log.ts", "authorizer/remote-authority.ts", "key-use/create-handler.ts"],
    ...["key-events/create-handler.ts", "cache-flush/create-handler.ts"],
    ...["federation/create-handler.ts", "federation/tell.ts"],
  ];
  const source = (await Promise.all(sources.map((file) => read(`functions/${file}`)))).join("");
  const [log = "", metrics = ""] = (await read("docs/logs-and-metrics.md")).split(/^## (?:Metrics|Alarms)$/m);
  const listed = namesOf(log);
  for (const field of [
    "outcome",
    "reason",
    "credentials",
    "rules",
    "cause",
    "configuration",
    "mistakes",
    "kind",
    "kindFrom",
    "confirmation",
    "keyId",
    "keyUses",
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
  const section = (await read("docs/configuration.md")).split("### Users and clients")[1]?.split("\n#")[0] ?? "";
  const rows = [...section.matchAll(/^\| .+ \| `(\w+)` \|$/gm)].map(([, name]) => name);
  const beside = [...section.matchAll(/\(`(\w+)`\)/g)].map(([, name]) => name);
  expect([...rows, ...beside].sort()).toEqual([...KIND_SOURCES].sort());
});

test("docs/logs-and-metrics.md has every alarm of the template, and the phrases of its filters", async () => {
  const text = sectionOf(await read("docs/logs-and-metrics.md"), "Alarms");
  const alarms = Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::CloudWatch::Alarm");
  expect(namesOf(text).sort()).toEqual(alarms.map(([name]) => name).sort());
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== "AWS::Logs::MetricFilter") continue;
    for (const [, phrase = ""] of String(Properties?.FilterPattern ?? "").matchAll(/"([^"]+)"/g))
      expect(text).toContain(`\`${phrase}\``);
  }
});

describe("docs/package.md", async () => {
  const text = await read("docs/package.md");

  test("has every entry point of the package, and no other", async () => {
    const { exports } = JSON.parse(await read("package.json")) as { exports: object };
    const listed = namesOf(text).filter((name) => /^sallyport(\/|$)/.test(name));
    expect(listed.sort()).toEqual(
      Object.keys(exports)
        .map((path) => path.replace(/^\./, "sallyport"))
        .sort(),
    );
  });

  test("has every exit code of the command line", () => {
    const listed = rowsOf(sectionOf(text, "The command line")).filter((cell) => /^\d+$/.test(cell));
    expect(listed.map(Number)).toEqual(Object.values(EXIT));
  });
});

const program = new Command();
addKeysCommand(program, {} as CommandIo, () => {});
const commands = program.commands[0]?.commands ?? [];
const keyCommands = commands.map((command) => command.name());

test("the example of docs/entitlements.md is a configuration, and says what the options are by default", async () => {
  const [, example = ""] = /^```json\n(.+?)^```$/ms.exec(await read("docs/entitlements.md")) ?? [];
  expect(parseConfig(JSON.parse(example)).entitlements).toEqual({
    ...{ table: "sallyport-entitlements", maxCacheAge: 0, rights: "add" },
  });
});

test("docs/entitlements.md has every command of `sallyport entitlements` and its options", async () => {
  const program = new Command();
  addEntitlementsCommand(program, {} as CommandIo, () => {});
  const section = sectionOf(await read("docs/entitlements.md"), "Commands");
  const commands = program.commands[0]?.commands ?? [];
  expect(commands.length).toBeGreaterThan(5);
  const rows = namesOf(section).filter((name) => name.startsWith("entitlements "));
  expect(rows).toEqual(commands.map((command) => `entitlements ${command.name()}`));
  for (const { options } of commands) for (const { long } of options) expect(section).toContain(`\`${long}\``);
});

describe("docs/api-keys.md", async () => {
  const text = await read("docs/api-keys.md");
  const subsections = sectionOf(text, "The life of a key").split(/^### /m);
  const optionsIn = (heading: string) =>
    namesOf(subsections.find((each) => each.split("\n")[0] === heading) ?? "").map((name) => name.split(" ")[0] ?? "");
  const common = [...optionsIn("Options of every command"), ...optionsIn("Options of every change")];

  test("has a section for every command", () => {
    expect(commands.length).toBeGreaterThan(8);
    const listed = subsections.flatMap((each) => /^keys ([a-z, ]+)\n/.exec(each)?.[1]?.split(", ") ?? []);
    expect(listed.sort()).toEqual(commands.map((command) => command.name()).sort());
  });

  test.each(commands.map((command) => [command.name(), command] as const))(
    "has every option of keys %s",
    (name, command) => {
      const heading = subsections
        .map((each) => each.split("\n")[0] ?? "")
        .find((title) => title.startsWith("keys ") && title.slice(5).split(", ").includes(name));
      const own = command.options.map(({ long }) => long ?? "").filter((option) => !common.includes(option));
      expect(
        optionsIn(heading ?? "")
          .filter((option) => option.startsWith("--"))
          .sort(),
      ).toEqual(own.sort());
    },
  );

  test("names options of all commands that there are", () => {
    const known = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
    for (const option of common) expect([...known]).toContain(option);
  });

  test("has every attribute of a record", () => {
    const stored = namesOf(sectionOf(text, "What is stored"));
    expect(stored.sort()).toEqual(
      ["pk", "ttl", "expiryBucket", ...Object.keys(keyRecord.entries).filter((name) => name !== "id")].sort(),
    );
  });
});

test("docs/admin-api.md has every request, every problem with its status, and every field of the log", async () => {
  const text = await read("docs/admin-api.md");
  expect(namesOf(sectionOf(text, "Requests"))).toEqual(Object.keys(OPERATIONS));
  const problems = [...sectionOf(text, "Problems").matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)];
  expect(problems.map(([, code, status]) => [code, Number(status)])).toEqual(
    Object.entries(PROBLEMS).map(([code, [status]]) => [code, status]),
  );
  const source =
    (await read("functions/api-keys/create-handler.ts")) + (await read("functions/api-keys/http/answer.ts"));
  for (const field of namesOf(sectionOf(text, "Log"))) expect(source).toMatch(new RegExp(`\\b${field}\\b`));
});

test("docs/saml.md has every option of saml import", async () => {
  const [, source = ""] = /command\("import"\)(.+?)\.action/s.exec(await read("cli/saml.ts")) ?? [];
  const options = [...source.matchAll(/"(--[a-z-]+)/g)].map(([, option]) => option);
  const listed = namesOf(sectionOf(await read("docs/saml.md"), "Import what you get")).filter((name) =>
    name.startsWith("--"),
  );
  expect(listed.map((name) => name.split(" ")[0]).sort()).toEqual([...new Set(options)].sort());
});

describe("docs/after-deployment.md", async () => {
  const text = await read("docs/after-deployment.md");

  test("has every option of smoke, and those by which commands find a stack", async () => {
    const sources = await Promise.all(["cli/smoke.ts", "cli/stack/options.ts"].map(read));
    const options = sources.flatMap((source) => [...source.matchAll(/"(--[a-z]+) </g)].map(([, option]) => option));
    expect(options).toHaveLength(6);
    const listed = namesOf(text).filter((name) => name.startsWith("--"));
    expect([...new Set(listed.map((name) => name.split(" ")[0]))].sort()).toEqual(options.sort());
  });

  test("names only parameters, outputs and resources of the template", () => {
    const { Parameters, Outputs, Resources } = template;
    const outputs = [...text.matchAll(/OutputKey=='(\w+)'|outputs? `(\w+)`/g)].map(
      ([, key, name]) => key ?? name ?? "",
    );
    expect(outputs.length).toBeGreaterThan(4);
    for (const name of outputs) expect(Outputs).toHaveProperty(name);
    const parameters = [...text.matchAll(/--parameter-overrides (\w+)=/g)].map(([, name = ""]) => name);
    expect(parameters.length).toBeGreaterThan(1);
    const mentioned = [...text.matchAll(/`((?:With|Throttling|Reserved|Access|Tracing|Kms|Alarm)\w*)`/g)];
    for (const name of [...parameters, ...mentioned.map(([, name = ""]) => name)])
      expect(Parameters).toHaveProperty(name);
    for (const [, name = ""] of text.matchAll(/sallyport-(\w+Alarm)-/g)) expect(Resources).toHaveProperty(name);
  });

  test("shows the output of smoke as the command prints it", async () => {
    const source = await read("cli/smoke/run.ts");
    for (const [, title = ""] of text.matchAll(/^ {2}✓ (.+?) {2,}\d{3}$/gm)) expect(source).toContain(`"${title}"`);
    expect(text).toContain("3 requests, 0 not as expected.");
  });
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

  test.each(pages)("%s wraps its prose at 120 columns", async (page) => {
    const prose = (await read(page)).replaceAll(/^( *)```.*?^\1```$/gms, "").split("\n");
    expect(prose.filter((line) => line.length > 120 && !/^\||^ *- `test\//.test(line))).toEqual([]);
  });

  test.each(pages)("%s names only commands that are there", async (page) => {
    const commands = ["config check", "dpop", "event", "explain", ...keyCommands.map((name) => `keys ${name}`)];
    const known = [
      ...commands,
      "saml import",
      "saml metadata",
      "saml encode",
      "saml show",
      "keys …",
      "smoke",
      "usage sync",
    ];
    for (const [, line = ""] of (await read(page)).matchAll(
      /(?:npx sallyport|npm run sallyport (?:--silent )?--) ([^`\n]+)/g,
    ))
      expect(
        known.some((command) => `${line} `.startsWith(`${command} `)),
        line,
      ).toBe(true);
  });

  test.each(pages)("%s names only scripts that exist", async (page) => {
    for (const [, name = ""] of (await read(page)).matchAll(/npm run ([a-z][a-z0-9:-]*[a-z0-9])/g))
      expect(Object.keys(scripts)).toContain(name);
  });
});

test("README.md says how many requests npm run demo sends", async () => {
  expect(await read("README.md")).toContain(`sends ${SCENARIOS.length} requests`);
});

test("README.md says the minimum Node.js of a clone and of the package", async () => {
  const { engines, devEngines } = JSON.parse(await read("package.json"));
  const text = (await read("README.md")).replaceAll(/\s+/g, " ");
  expect(text).toContain(`Node.js ${devEngines.runtime.version.replace(">=", "")} or later`);
  const minimum = /^>=(\d+\.\d+)\.0$/.exec(engines.node)?.[1];
  expect(text).toContain(`need Node.js ${minimum} or later`);
  expect(await read("docs/package.md")).toContain(`Node.js ${minimum} is the minimum`);
});

test("README.md links to every page of docs/", async () => {
  const text = await read("README.md");
  for (const name of await readdir("docs"))
    expect(text).toContain(name.endsWith(".md") ? `(docs/${name})` : `(docs/${name}/README.md)`);
});

test("docs/local-gateway.md has every setting of the gateway with its default, and every option of npm start", async () => {
  const text = await read("docs/local-gateway.md");
  const rows = [...sectionOf(text, "What AWS does not document").matchAll(/^\| `(\w+)` \| .+? \| `(\w+)`/gm)];
  const defaults = Object.entries(DEFAULT_SETTINGS).map(([name, value]) => [name, String(value)]);
  expect(rows.map(([, name, value]) => [name, value])).toEqual(defaults);
  const source = await read("local/stack/options.ts");
  const options = [...source.matchAll(/^ {2}(?:--[a-z]+(?:, )?)+/gm)].flatMap(([list]) => list.trim().split(", "));
  expect(options.length).toBeGreaterThan(3);
  for (const option of options) expect(text).toContain(`\`${option}`);
});

test("docs/local-gateway.md has every page of credentials", async () => {
  const listed = namesOf(sectionOf(await read("docs/local-gateway.md"), "Credentials"));
  const source = await read("local/stack/issuer-pages.ts");
  expect(listed).toEqual([...source.matchAll(/^ \* - `(\/[\w/-]+)/gm)].map(([, page]) => page));
});
