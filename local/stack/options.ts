import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { GatewayOptions } from "../gateway/gateway.ts";
import { StackError } from "../gateway/stack-error.ts";

/** The help text of `npm start -- --help`. */
export const USAGE = `Usage: npm start -- [options]

Serves the APIs of a SAM template on this machine, with an OpenID provider, a SAML identity provider, a DynamoDB and sample credentials.

  --port PORT              the first port; each API has one, then the issuers (default 4000)
  --host HOST              address to listen on (default 127.0.0.1)
  --template FILE          the SAM template (default template.yaml)
  --parameter NAME=VALUE   the value of a template parameter; may be repeated
  --tls-cert, --tls-key, --tls-ca FILE
                           mutual TLS: the gateway's certificate and key, and the client certificate authorities (PEM)
  --quiet                  log no decisions
`;

/** The options of `npm start`, read and checked. */
export interface StartOptions {
  readonly help: boolean;
  readonly quiet: boolean;
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly host: string;
  readonly port: number;
  readonly tls?: NonNullable<GatewayOptions["tls"]>;
}

/**
 * Reads the options of `npm start`.
 *
 * @throws {StackError} with the usage, if one is unknown or wrong
 */
export function readOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "4000" },
        host: { type: "string", default: "127.0.0.1" },
        template: { type: "string", default: "template.yaml" },
        parameter: { type: "string", multiple: true, default: [] },
        "tls-cert": { type: "string" },
        "tls-key": { type: "string" },
        "tls-ca": { type: "string" },
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { help, quiet, template, host } = values;
    if (help) return { help, quiet, template, host, port: 0, parameters: {} };
    const port = portOf(values.port);
    const parameters = parametersOf(values.parameter);
    const tls = tlsOf([values["tls-cert"], values["tls-key"], values["tls-ca"]]);
    return { help, quiet, template, host, port, parameters, ...(tls && { tls }) };
  } catch (error) {
    throw new StackError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_500) throw new StackError("--port takes a number below 65500.");
  return port;
}

function parametersOf(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const [name, ...value] = text.split("=");
    if (!name || value.length === 0) throw new StackError("--parameter takes NAME=VALUE.");
    return [name, value.join("=")];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function tlsOf(files: readonly (string | undefined)[]): StartOptions["tls"] {
  if (!files.some(Boolean)) return undefined;
  if (!files.every(Boolean)) throw new StackError("Mutual TLS takes --tls-cert, --tls-key and --tls-ca.");
  const [cert = "", key = "", ca = ""] = files.map((file = "") => readFileSync(file, "utf8"));
  return { cert, key, ca };
}
