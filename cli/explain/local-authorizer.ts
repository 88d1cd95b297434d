import { isStackRunning } from "../../local/stack/stack-access.ts";
import { namedDatabase } from "../../local/stage/aws-environment.ts";
import { LOCAL, localConfig, localSecrets } from "../../local/stage/configuration.ts";
import { keptIdentities } from "../../local/stage/identities.ts";
import { startIntrospectionServer } from "../../local/stage/introspection-server.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { CommandIo } from "../command-io.ts";
import { ofLocalStack } from "../local-stack.ts";

/** What `--local` trusts while a request is explained. */
export interface LocalTrust {
  readonly config: Config;
  close(): Promise<void>;
}

/**
 * The project's configuration with local issuers in place of its own: those of the running stack, or those of `sallyport
 * event`. An event is always from the latter: a stack prints requests, and no events.
 *
 * @param isEvent whether an event is explained, and not a curl command or claims
 */
export async function trustLocally(io: CommandIo, isEvent: boolean): Promise<LocalTrust> {
  if (isEvent || !(await isStackRunning())) return trustEventIssuers(io);
  return { config: await ofLocalStack(io).config(), close: async () => {} };
}

/** The issuers of `sallyport event`, with a server that knows their opaque tokens. */
async function trustEventIssuers({ writtenConfig }: CommandIo): Promise<LocalTrust> {
  const identities = await keptIdentities();
  Object.assign(process.env, localSecrets(identities));
  const project = await writtenConfig();
  // `event` has made the tables there.
  const endpoint = namedDatabase();
  // Without a database there is no table to look into, and `event` locks nobody out.
  const { entitlements: _, ...rest } = project;
  const asked = endpoint
    ? { ...rest, entitlements: { ...project.entitlements, table: LOCAL.entitlementsTable } }
    : rest;
  const server = await startIntrospectionServer(identities, "127.0.0.1");
  const config = parseConfig(localConfig(identities, undefined, asked, undefined, server.endpoint));
  return { config, close: server.close };
}
