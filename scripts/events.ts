import { mkdir, readFile, writeFile } from "node:fs/promises";
import { commandLine } from "../local/command-line.ts";
import { APIS, type ApiName } from "../local/events/apis.ts";
import { eventFor, SCENARIOS, type Scenario } from "../local/stage/scenarios.ts";

/**
 * Writes `events/`: one event of each allowed kind, one without a credential, and one with a JWT for every other kind
 * of API. They have a placeholder where `sallyport event <kind> --api API` puts a fresh credential.
 */
const COMMAND = {
  usage: `Usage: npm run events -- [--check]

Writes a sample event of each kind into events/.

  --check            write nothing, and exit with 1 if a file is out of date
  --help, --version  print this text, or the version
`,
  options: { check: { type: "boolean", default: false } },
} as const;
const check = commandLine(COMMAND, ({ values }) => values.check);

const TIME = 1_772_445_600;

const nothing = async () => {};

const placeholders = {
  time: TIME,
  jwt: async () => "<jwt>",
  dpop: async () => ({ Authorization: "DPoP <jwt>", DPoP: "<proof>" }),
  opaque: () => "<opaque-token>",
  unknowableToken: () => "<opaque-token>",
  saml: () => "<saml>",
  ourCertificate: "",
  apiKey: async () => "<api-key>",
  workload: async () => "<jwt>",
  unknownKey: () => "<api-key>",
  operator: {
    ...{ entitle: nothing, lockOut: nothing, lockOutTenant: nothing },
    ...{ revokeToken: nothing, revokeTokens: nothing },
  },
};

await mkdir("events", { recursive: true });
const samples: { scenario: Scenario; api?: ApiName; name: string }[] = SCENARIOS.flatMap((scenario) => {
  const { kind, outcome } = scenario;
  const own = outcome === "allow" || kind === "no-credential" ? [{ scenario, name: kind }] : [];
  const others = kind === "jwt" ? (Object.keys(APIS) as ApiName[]).filter((api) => !api.startsWith("rest")) : [];
  return [...own, ...others.map((api) => ({ scenario, api, name: `${kind}-${api}` }))];
});
for (const { scenario, api, name } of samples) {
  const file = `events/${name}.json`;
  const text = `${JSON.stringify(await eventFor(scenario, placeholders, TIME, { api }), undefined, 2)}\n`;
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`${file} is out of date: npm run events`);
    process.exitCode = 1;
  }
}
