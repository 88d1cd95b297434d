import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandLine } from "../local/command-line.ts";
import { localConfig } from "../local/stage/configuration.ts";
import { keptIdentities } from "../local/stage/identities.ts";

/**
 * Writes what plain `sam local invoke` needs to allow the events with JWTs and SAML assertions that `sallyport event`
 * prints: a configuration that trusts their issuers, beside each bundle that `sam build` made, and an environment file
 * that names it. SAM passes on only variables that the template has.
 */
const COMMAND = {
  usage: `Usage: npm run sam:environment -- [options] > env.json

Writes a configuration that trusts the local issuers beside the functions that sam build made, and prints the
environment file that names it, for sam local invoke.

  --build FOLDER     where sam build put the functions (default .aws-sam/build)
  --help, --version  print this text, or the version
`,
  options: { build: { type: "string", default: ".aws-sam/build" } },
} as const;

const CONFIG = "sallyport.local.json";
const AUTHORIZERS = ["Authorizer", "AuthorizerUncached"];

const values = commandLine(COMMAND, (given) => given.values);
const built = await readdir(values.build).catch((): string[] => []);
const missing = AUTHORIZERS.filter((name) => !built.includes(name));
if (missing.length > 0) {
  console.error(`${values.build} has no ${missing.join(" and no ")}: run sam build first.`);
  process.exit(1);
}
const config = JSON.stringify(localConfig(await keptIdentities()));
for (const name of AUTHORIZERS) await writeFile(join(values.build, name, CONFIG), config);
// In the container the bundle is in /var/task.
const variables = { SALLYPORT_CONFIG: `file:/var/task/${CONFIG}` };
console.log(JSON.stringify(Object.fromEntries(AUTHORIZERS.map((name) => [name, variables])), undefined, 2));
