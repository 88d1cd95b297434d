import { execFile } from "node:child_process";
import { readFileSync, watch } from "node:fs";
import { parseArgs, promisify } from "node:util";
import { StackError } from "./gateway/stack-error.ts";
import { startLocalStack } from "./stack/local-stack.ts";
import { requestsToPaste } from "./stack/requests-to-paste.ts";

const USAGE = `Usage: npm start -- [options]

Serves the APIs of a SAM template on this machine, with an OpenID provider, a SAML identity provider, a DynamoDB and sample credentials.

  --port PORT              the first port; each API has one, then the issuers (default 4000)
  --host HOST              address to listen on (default 127.0.0.1)
  --template FILE          another SAM template than template.yaml
  --parameter NAME=VALUE   a value for one of its parameters; may be repeated
  --tls-cert, --tls-key, --tls-ca FILE
                           mutual TLS: the gateway's certificate and key, and the certificates whose clients it trusts (PEM)
  --quiet                  log no decisions
`;

/** What a change of is worth a reload. */
const WATCHED = ["functions", "providers", "shared", "sallyport.config.ts", "template.yaml"];

try {
  const options = readOptions();
  const stack = await startLocalStack({
    ...options,
    onLog: (name, log) => {
      if (options.quiet) return;
      for (const line of log.filter((each) => "outcome" in each && "message" in each)) {
        const { outcome, reason, httpMethod, resourcePath, routeKey } = line;
        const route = routeKey ?? [httpMethod, resourcePath].filter(Boolean).join(" ");
        console.log(`${name}: ${outcome}${reason ? ` (${reason})` : ""} ${route}`.trimEnd());
      }
    },
  });
  for (const line of stack.unsupported) console.log(`not supported, and left out: ${line}`);
  console.log(requestsToPaste(stack));
  const stop = watchSources(async () => {
    try {
      await build();
      await stack.reload();
      console.log("reloaded");
    } catch (error) {
      console.error(`not reloaded: ${(error as Error).message}`);
    }
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      stop();
      void stack.close();
    });
  }
} catch (error) {
  console.error(error instanceof StackError ? error.message : error);
  process.exit(1);
}

function readOptions() {
  try {
    const { values } = parseArgs({
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
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_500)
      throw new StackError("--port takes a number below 65500.");
    const parameters = values.parameter.map((text) => {
      const [name, ...value] = text.split("=");
      if (!name || value.length === 0) throw new StackError("--parameter takes NAME=VALUE.");
      return [name, value.join("=")];
    });
    const files = [values["tls-cert"], values["tls-key"], values["tls-ca"]];
    if (files.some(Boolean) && !files.every(Boolean))
      throw new StackError("Mutual TLS takes --tls-cert, --tls-key and --tls-ca.");
    const [cert = "", key = "", ca = ""] = files.map((file) => (file === undefined ? "" : readFileSync(file, "utf8")));
    return {
      ...values,
      ...(cert !== "" && { tls: { cert, key, ca } }),
      port,
      parameters: Object.fromEntries(parameters) as Record<string, string>,
    };
  } catch (error) {
    throw new StackError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, ["scripts/build.ts"]).catch(
    (error: { stderr?: string; message: string }) => {
      throw new StackError(`The functions cannot be built:\n${error.stderr ?? error.message}`);
    },
  );
}

/** Calls back when a source has changed and all is quiet again. */
function watchSources(changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watchers = WATCHED.map((path) =>
    watch(path, { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(changed, 150);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
