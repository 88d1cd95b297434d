import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { requestEvent } from "../../local/events/rest.ts";
import { lambdaContext } from "../functions/authorizer/lambda-context.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "../providers/jwt/mint.ts";
import { type OutsideProject, outsideProject } from "./outside-project.ts";

/** The package as another project uses it: its types, in a bundle, with a custom provider. */

const run = promisify(execFile);
const key = rsaKey();
let project: string;
let outside: OutsideProject;

beforeAll(async () => {
  outside = await outsideProject(["@types/node"]);
  project = outside.folder;
  await writeFile(
    join(project, "tsconfig.json"),
    JSON.stringify({
      files: ["types.ts"],
      compilerOptions: {
        target: "es2024",
        lib: ["es2025"],
        module: "nodenext",
        strict: true,
        noEmit: true,
        types: ["node"],
      },
    }),
  );
});
afterAll(() => outside.remove());

const CONFIG = `{
  jwt: { issuers: [{ issuer: "${ISSUER}", audience: "${AUDIENCE}", keys: { jwks: { keys: [${JSON.stringify(key.jwk)}] } } }] },
  routes: [{ name: "whoami", methods: ["GET"], paths: ["/whoami"] }],
}`;

async function bundled(source: string) {
  const name = `authorizer-${Math.random().toString(36).slice(2)}`;
  await writeFile(join(project, `${name}.ts`), source);
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: [`${name}.ts`],
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    outExtension: { ".js": ".mjs" },
    metafile: true,
    logLevel: "silent",
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return { metafile, file: join(project, "dist", `${name}.mjs`) };
}

/** Names of the npm packages in a bundle. */
const packagesIn = ({ inputs }: Metafile) =>
  new Set(Object.keys(inputs).map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "own"));

async function authorize(file: string, token: string, name = "Authorization") {
  process.env.POWERTOOLS_LOG_LEVEL = "SILENT";
  process.env.POWERTOOLS_METRICS_DISABLED = "true";
  const { handler } = (await import(pathToFileURL(file).href)) as {
    handler: (event: unknown, context: unknown) => Promise<object>;
  };
  const headers = { [name]: `Bearer ${token}` };
  const time = Math.floor(Date.now() / 1000);
  const event = requestEvent({
    method: "GET",
    path: "/whoami",
    resource: "/whoami",
    stage: "prod",
    address: "192.0.2.1",
    time,
    headers,
  });
  return handler(event, lambdaContext()).catch((error: Error) => ({ error: error.message }));
}

const fresh = () => mint(key, claims({ iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 600 }));

test("its types compile in a strict project that checks libraries too", async () => {
  await writeFile(
    join(project, "types.ts"),
    `import { authenticated, createAuthorizer, defineConfig, type Provider, rejected } from "sallyport";
     import { createAuthorizer as core } from "sallyport/core";
     import { apiKey } from "sallyport/api-key";
     import { jwt } from "sallyport/jwt";
     import { saml } from "sallyport/saml";
     import { readCaller } from "sallyport/caller";
     import { EVENT_SOURCE, type EventDetail, type EventName } from "sallyport/events";
     import type { CommandDetail, CommandName } from "sallyport/commands";
     const config = defineConfig(${CONFIG});
     const own: Provider = {
       name: "own",
       recognises: ({ value }) => value.startsWith("own_"),
       verify: async ({ value }, { time }) => value === "own_x"
         ? authenticated({ provider: "own", kind: "user", issuer: "own", subject: "me", scopes: [], roles: [], expiresAt: time + 60, attributes: {} })
         : rejected(),
     };
     export const handlers = [createAuthorizer(config), createAuthorizer(config, [own]), core(config, [jwt, saml, apiKey, own])];
     export const tenant: string | undefined = readCaller({}).tenant;
     export const told = ({ id, key, by }: EventDetail<"KeyRevoked">): string[] => [id, key.id, key.owner ?? "", by ?? "", EVENT_SOURCE];
     export const names: EventName[] = ["KeyIssued", "PepperUnused"];
     export const commands: CommandName[] = ["RevokeKey", "RevokeKeysOfOwner", "RevokeKeysOfTenant"];
     export const command: CommandDetail<"RevokeKeysOfTenant"> = { tenant: "acme", reason: "contract ended" };
     // @ts-expect-error a command has a reason
     export const wrong: CommandDetail<"RevokeKey"> = { key: "8J2kQp0vXnYd3RtL" };
     // @ts-expect-error no event is called so
     names.push("KeyLost");
     // @ts-expect-error a rule needs a name
     createAuthorizer({ routes: [{ methods: ["GET"], paths: ["/"] }] });`,
  );
  const tsc = resolve("node_modules/.bin/tsc");
  await expect(run(process.execPath, [tsc, "--project", join(project, "tsconfig.json")])).resolves.toBeDefined();
});

test("the examples of the documentation compile in a strict project", async () => {
  const pages = await Promise.all(
    ["docs/package.md", "docs/backends.md", "docs/events.md"].map((page) => readFile(page, "utf8")),
  );
  const examples = pages.flatMap((page) => [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code));
  expect(examples.length).toBeGreaterThan(4);
  const files = {
    "sallyport.config.ts": `import { defineConfig } from "sallyport"; export default defineConfig(${CONFIG});`,
    "sessions.ts": `export declare function lookUp(token: string, options: { signal: AbortSignal }):
      Promise<{ user: string; scopes: string[]; end: number } | undefined>;
      export declare function verifySession(header: string | undefined):
      Promise<{ user: string; end: number; signedInAt: number } | undefined>;`,
    ...Object.fromEntries(examples.map((code, index) => [`example-${index}.ts`, code])),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  const config = JSON.parse(await readFile(join(project, "tsconfig.json"), "utf8"));
  Object.assign(config.compilerOptions, { allowImportingTsExtensions: true });
  await writeFile(join(project, "examples.json"), JSON.stringify({ ...config, files: Object.keys(files) }));
  const tsc = resolve("node_modules/.bin/tsc");
  await expect(run(process.execPath, [tsc, "--project", join(project, "examples.json")])).resolves.toBeDefined();
});

test("a bundle with every provider authorizes", async () => {
  const { file, metafile } = await bundled(
    `import { createAuthorizer } from "sallyport"; export const handler = createAuthorizer(${CONFIG});`,
  );
  expect([...packagesIn(metafile)]).toEqual(
    expect.arrayContaining(["jose", "@xmldom/xmldom", "@aws-sdk/client-dynamodb"]),
  );
  expect(await authorize(file, fresh())).toMatchObject({ principalId: `${ISSUER}|alice` });
  expect(await authorize(file, mint(rsaKey(), claims()))).toEqual({ error: "Unauthorized" });
});

test("the environment sets the cache key, which is Authorization by default", async () => {
  const source = `import { createAuthorizer } from "sallyport"; export const handler = createAuthorizer({
    ...${CONFIG}, credentials: { headers: { "x-user-token": "bearer" } } });`;
  const elsewhere = async () => authorize((await bundled(source)).file, fresh(), "X-User-Token");
  expect(await elsewhere()).toEqual({ error: "Unauthorized" });
  vi.stubEnv("SALLYPORT_CACHED_BY", "none");
  expect(await elsewhere()).toMatchObject({ principalId: `${ISSUER}|alice` });
  vi.stubEnv("SALLYPORT_CACHED_BY", "no cache");
  await expect(elsewhere()).rejects.toThrow("SALLYPORT_CACHED_BY: found");
  vi.unstubAllEnvs();
});

test("a bundle leaves out providers that are not imported", async () => {
  const { file, metafile } = await bundled(
    `import { createAuthorizer } from "sallyport/core"; import { jwt } from "sallyport/jwt";
     export const handler = createAuthorizer(${CONFIG}, [jwt]);`,
  );
  const packages = packagesIn(metafile);
  expect(packages).toContain("jose");
  // The table of used DPoP proofs is JWTs' too: its client is there, and loaded with the first proof.
  expect(packages).not.toContain("@xmldom/xmldom");
  expect(await authorize(file, fresh())).toMatchObject({ principalId: `${ISSUER}|alice` });
});

test("a backend's bundle contains the code that reads the caller, and no library", async () => {
  const { metafile } = await bundled(
    `import { readCaller } from "sallyport/caller"; export const handler = async (event: unknown) => readCaller(event);`,
  );
  expect([...packagesIn(metafile)].sort()).toEqual(["own", "sallyport"]);
  expect(Object.values(metafile.outputs)[0]?.bytes).toBeLessThan(5000);
});

test("every link of the README and of the pages leads to a file of the package", async () => {
  const installed = join(project, "node_modules", "sallyport");
  const pages = (await readdir(installed, { recursive: true })).filter(
    (name) => name.endsWith(".md") && /^(README|docs)/.test(name),
  );
  expect(pages.length).toBeGreaterThan(10);
  for (const page of pages) {
    const text = await readFile(join(installed, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)) {
      const file = join(installed, dirname(page), target);
      expect(existsSync(file), `${page} links to ${target}`).toBe(true);
    }
  }
});

/** A file of a bundle, and all that it imports statically. */
function loadedBy({ outputs }: Metafile, file: string): string[] {
  const imported = (outputs[file]?.imports ?? []).filter(
    ({ kind, external }) => kind === "import-statement" && !external,
  );
  return [file, ...imported.flatMap(({ path }) => loadedBy({ outputs } as Metafile, path))];
}

describe("a bundle of a configuration alone", () => {
  const bundledConfig = (entry: string) =>
    bundled(`import { defineConfig } from "${entry}"; export default defineConfig({ routes: [] });`);

  // What a chunk that is loaded later shares with the entry is loaded with it, used or not: esbuild has it so.
  test.each(["sallyport", "sallyport/core"])(
    "loads of %s defineConfig, and a few lines that chunks share",
    async (entry) => {
      const { file, metafile } = await bundledConfig(entry);
      const sources = loadedBy(metafile, `dist/${basename(file)}`).flatMap((name) =>
        Object.entries(metafile.outputs[name]?.inputs ?? {}).flatMap(([input, { bytesInOutput }]) =>
          bytesInOutput > 0 ? basename(input) : [],
        ),
      );
      const shared = ["verdict.js", "errors.js"];
      expect(sources.filter((name) => !shared.includes(name))).toEqual(["define.js", `${basename(file, ".mjs")}.ts`]);
    },
  );

  test("is one file with sallyport/config, without chunks that nothing loads", async () => {
    const { metafile } = await bundledConfig("sallyport/config");
    expect(Object.keys(metafile.outputs)).toHaveLength(1);
    expect([...packagesIn(metafile)].sort()).toEqual(["own", "sallyport"]);
  });
});

describe("a custom provider", () => {
  const own = (verify: string) => `import { authenticated, createAuthorizer, rejected } from "sallyport";
    const own = { name: "own", recognises: ({ value }) => value.startsWith("ey"), verify: async () => ${verify} };
    export const handler = createAuthorizer(${CONFIG}, [own]);`;

  test("is asked first, and owns the credentials it recognises", async () => {
    const principal = `{ provider: "own", kind: "user", issuer: "own", subject: "me", scopes: [], roles: [], attributes: {} }`;
    const { file } = await bundled(own(`authenticated(${principal})`));
    expect(await authorize(file, "ey")).toMatchObject({ principalId: "own|me" });
  });

  test("refuses the request when it rejects, and gives unavailable when it fails", async () => {
    const refusing = await bundled(own("rejected()"));
    expect(await authorize(refusing.file, fresh())).toEqual({ error: "Unauthorized" });
    const failing = await bundled(own("Promise.reject(new Error())"));
    expect(await authorize(failing.file, fresh())).toEqual({ error: "unavailable" });
  });
});

test("a configuration section without its provider stops the start", async () => {
  const { file } = await bundled(
    `import { createAuthorizer } from "sallyport/core"; import { saml } from "sallyport/saml";
     export const handler = createAuthorizer(${CONFIG}, [saml]);`,
  );
  await expect(import(pathToFileURL(file).href)).rejects.toThrow("the provider jwt among the providers");
});
