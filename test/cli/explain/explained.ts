import type { Explanation } from "../../../cli/explain/explanation.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { inProcess } from "../in-process.ts";

/** Runs `sallyport explain` at the tests' time, with a configuration. */
export async function explained(config: Partial<SallyportConfig>, ...argv: string[]) {
  const run = (...more: string[]) =>
    inProcess(["explain", ...argv, "--time", String(NOW), ...more], { config: async () => configOf(config) });
  const [text, json] = [await run(), await run("--json")];
  return { ...text, explanation: JSON.parse(json.stdout || "{}") as Explanation };
}

/** The same for a request with one credential in Authorization. */
export const withCredential = (config: Partial<SallyportConfig>, credential: string, ...argv: string[]) =>
  explained(config, "--curl", `curl -H 'Authorization: ${credential}' http://h/prod/whoami`, ...argv);

/** What was expected and found of the first credential, each as one text. */
export const expectationsIn = ({ credentials: [credential] }: Explanation): string[] =>
  (credential?.expectations ?? []).map(
    ({ of, expected, found, hint }) => `${of}: ${expected} / ${found}${hint === undefined ? "" : ` (${hint})`}`,
  );
