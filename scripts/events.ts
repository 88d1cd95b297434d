import { mkdir, readFile, writeFile } from "node:fs/promises";
import { eventFor, SCENARIOS } from "../local/scenarios.ts";

/**
 * Writes `events/`: one event of each kind that is allowed, and one without a credential, with a placeholder where `sallyport event <kind>`
 * puts a fresh credential.
 *
 * Usage: events.ts [--check]   with --check it writes nothing and fails if a file is out of date
 */
const TIME = 1_772_445_600;

const placeholders = {
  jwt: async () => "<jwt>",
  saml: () => "<saml>",
  apiKey: async () => "<api-key>",
  unknownKey: () => "<api-key>",
};

const check = process.argv.includes("--check");
await mkdir("events", { recursive: true });
for (const scenario of SCENARIOS) {
  if (scenario.outcome !== "allow" && scenario.kind !== "no-credential") continue;
  const file = `events/${scenario.kind}.json`;
  const text = `${JSON.stringify(await eventFor(scenario, placeholders, TIME), undefined, 2)}\n`;
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`${file} is out of date: npm run events`);
    process.exitCode = 1;
  }
}
