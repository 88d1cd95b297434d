/** The local database accepts any credentials. */
export const LOCAL_AWS = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

/**
 * Gives this process a Region and credentials for a database on this machine that `AWS_ENDPOINT_URL_DYNAMODB` names,
 * unless the environment has its own: no AWS client starts without them.
 *
 * @returns the address of the database, wherever it is; undefined if none is named
 */
export function namedDatabase(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const endpoint = environment.AWS_ENDPOINT_URL_DYNAMODB || undefined;
  const isLocal = /^(127(\.\d+){3}|localhost|\[::1\])$/.test(URL.parse(endpoint ?? "")?.hostname ?? "");
  const own = ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_DEFAULT_REGION"].filter(
    (name) => environment[name],
  );
  if (isLocal && own.length === 0) Object.assign(environment, LOCAL_AWS);
  return endpoint;
}
