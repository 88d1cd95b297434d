import { readFileSync } from "node:fs";
import { commandLine, WrongUsage } from "../command-line.ts";
import type { GatewayOptions } from "../gateway/gateway.ts";

/** The options of `npm start`, as they are given. */
const COMMAND = {
  usage: `Usage: npm start -- [options]

Serves the APIs of a SAM template on this machine, with an OpenID provider, a SAML identity provider, a DynamoDB and
sample credentials.

  --port PORT              the first port; each API has one, then the issuers (default 4000)
  --host HOST              address to listen on (default 127.0.0.1)
  --template FILE          the SAM template (default template.yaml)
  --parameter NAME=VALUE   the value of a template parameter; may be repeated
  --tls-cert, --tls-key, --tls-ca FILE
                           mutual TLS: the gateway's certificate and key, and the client certificate authorities (PEM)
  --no-build               serve the functions as they were built last, and build none
  --events FILE            append each event on a bus, whole, as a line of JSON
  --quiet                  log no requests
  --help, --version        print this text, or the version
`,
  options: {
    port: { type: "string", default: "4000" },
    host: { type: "string", default: "127.0.0.1" },
    template: { type: "string", default: "template.yaml" },
    parameter: { type: "string", multiple: true },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
    "tls-ca": { type: "string" },
    "no-build": { type: "boolean", default: false },
    events: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
} as const;

/** The options of `npm start`, read and checked. */
export interface StartOptions {
  readonly quiet: boolean;
  /** The file of events. */
  readonly events?: string;
  /** Whether to build the functions. */
  readonly build: boolean;
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly host: string;
  readonly port: number;
  readonly tls?: NonNullable<GatewayOptions["tls"]>;
}

/** Reads the options of `npm start`. Ends the process for help, the version, and what is unknown or wrong. */
export function readOptions(): StartOptions {
  return commandLine(COMMAND, ({ values }) => {
    const { quiet, template, host, events } = values;
    const tls = tlsOf([values["tls-cert"], values["tls-key"], values["tls-ca"]]);
    return {
      quiet,
      template,
      host,
      build: !values["no-build"],
      port: portOf(values.port),
      parameters: parametersOf(values.parameter ?? []),
      ...(tls && { tls }),
      ...(events !== undefined && { events }),
    };
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_500) throw new WrongUsage("--port takes a number below 65500.");
  return port;
}

function parametersOf(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const [name, ...value] = text.split("=");
    if (!name || value.length === 0) throw new WrongUsage("--parameter takes NAME=VALUE.");
    return [name, value.join("=")];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function tlsOf(files: readonly (string | undefined)[]): StartOptions["tls"] {
  if (!files.some(Boolean)) return undefined;
  if (!files.every(Boolean)) throw new WrongUsage("Mutual TLS takes --tls-cert, --tls-key and --tls-ca.");
  const [cert = "", key = "", ca = ""] = files.map((file = "") => readPem(file));
  return { cert, key, ca };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new WrongUsage(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
