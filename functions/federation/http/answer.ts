import { OAUTH_ERRORS, type OAuthError } from "./oauth-error.ts";

/** What the function answers, before it is put in the form of API Gateway. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  /** What the log tells of it: names and ids of ours. */
  readonly log?: Readonly<Record<string, string>>;
  /** The error behind an answer of trouble. Only its class and code are logged. */
  readonly cause?: unknown;
}

/** The answer in payload format 2.0. No answer is kept by a cache unless it says so, and none is guessed at. */
export function responseOf({ status, headers = {}, cookies = [], body }: Answer) {
  return {
    statusCode: status,
    headers: {
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      // A URL of ours may have a code or a state in it.
      "Referrer-Policy": "no-referrer",
      ...headers,
    },
    ...(cookies.length > 0 && { cookies: [...cookies] }),
    ...(body !== undefined && { body }),
  };
}

export const jsonAnswer = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** 303: the browser follows with GET, whatever it did before (RFC 9700 section 4.12). */
export const redirectTo = (location: string, cookies: readonly string[] = []): Answer => ({
  status: 303,
  headers: { Location: location },
  cookies,
});

/** The answer of an endpoint for programs (RFC 6749 section 5.2). */
export const errorAnswer = ({ code, message, reason }: OAuthError): Answer => ({
  ...jsonAnswer(
    OAUTH_ERRORS[code],
    { error: code, error_description: message },
    code === "invalid_client" ? { "WWW-Authenticate": 'Basic realm="token"' } : {},
  ),
  log: { error: code, ...(reason !== undefined && { reason }) },
});
