import { type Answer, redirectTo } from "../http/answer.ts";
import type { OAuthError } from "../http/oauth-error.ts";

/** Where an answer goes: a redirect URI that was verified. */
interface Return {
  readonly redirectUri: string;
  readonly state?: string | undefined;
}

/**
 * Sends the browser back to the application with a code or an error (OAuth 2.1 section 4.1.2). `iss` says who answers
 * (RFC 9207), so that an application with several servers does not take the code to another one.
 */
export function returned(
  { redirectUri, state }: Return,
  issuer: string,
  result: OAuthError | { code: string },
  cookies: readonly string[] = [],
): Answer {
  const members = result instanceof Error ? { error: result.code, error_description: result.message } : result;
  const parameters = new URLSearchParams({ ...members, ...(state !== undefined && { state }), iss: issuer });
  // The text of the redirect URI stays as it is registered.
  const location = `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${parameters}`;
  const log =
    result instanceof Error
      ? { error: result.code, ...(result.reason !== undefined && { reason: result.reason }) }
      : {};
  const cause = result instanceof Error ? result.cause : undefined;
  return { ...redirectTo(location, cookies), log, ...(cause !== undefined && { cause }) };
}
