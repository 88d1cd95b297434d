import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from "@aws-sdk/client-appconfigdata";

/**
 * Reads the deployed configuration of an AppConfig profile (AppConfig Data StartConfigurationSession,
 * GetLatestConfiguration).
 *
 * @param name `APP/ENV/PROFILE`, each by name or ID
 * @returns undefined if the name has another form
 */
export async function getLatestConfiguration(name: string, abortSignal: AbortSignal): Promise<string | undefined> {
  const [application, environment, profile, ...rest] = name.split("/");
  if (!application || !environment || !profile || rest.length > 0) return undefined;
  const client = new AppConfigDataClient({ maxAttempts: 2 });
  const { InitialConfigurationToken } = await client.send(
    new StartConfigurationSessionCommand({
      ApplicationIdentifier: application,
      EnvironmentIdentifier: environment,
      ConfigurationProfileIdentifier: profile,
    }),
    { abortSignal },
  );
  const command = new GetLatestConfigurationCommand({ ConfigurationToken: InitialConfigurationToken });
  const { Configuration } = await client.send(command, { abortSignal });
  return Configuration?.transformToString();
}
