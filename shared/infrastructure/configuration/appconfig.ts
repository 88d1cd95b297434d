import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from "@aws-sdk/client-appconfigdata";

/**
 * Reads the deployed configuration of an AppConfig profile (AppConfig Data StartConfigurationSession,
 * GetLatestConfiguration). All reads share one session, which says whether there is anything new; a failed read ends
 * it.
 *
 * @param name `APP/ENV/PROFILE`, each by name or ID
 * @returns undefined if the name has another form; otherwise a function that returns the text, and undefined if it has
 * not changed since it was read last
 */
export function openProfile(name: string): ((abortSignal: AbortSignal) => Promise<string | undefined>) | undefined {
  const [application, environment, profile, ...rest] = name.split("/");
  if (!application || !environment || !profile || rest.length > 0) return undefined;
  const client = new AppConfigDataClient({ maxAttempts: 2 });
  const session = new StartConfigurationSessionCommand({
    ApplicationIdentifier: application,
    EnvironmentIdentifier: environment,
    ConfigurationProfileIdentifier: profile,
  });
  let token: string | undefined;
  return async (abortSignal) => {
    const isNew = token === undefined;
    const ConfigurationToken = token ?? (await client.send(session, { abortSignal })).InitialConfigurationToken;
    token = undefined;
    const latest = await client.send(new GetLatestConfigurationCommand({ ConfigurationToken }), { abortSignal });
    token = latest.NextPollConfigurationToken;
    const text = latest.Configuration?.transformToString() ?? "";
    return text === "" && !isNew ? undefined : text;
  };
}
