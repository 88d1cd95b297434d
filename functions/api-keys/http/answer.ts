import { PROBLEMS, type ProblemError } from "./problem.ts";

/** What the function answers, before it is put in the form of API Gateway. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** What the log tells of it: ids and numbers of ours. */
  readonly log?: {
    readonly keyId?: string;
    /** Partition key of a record of entitlements: a digest. */
    readonly recordKey?: string;
    readonly version?: number;
    readonly repeated?: true;
  };
}

/** The answer in payload format 2.0. Nothing of this API is for a cache: an answer may hold a secret. */
export function responseOf({ status, headers = {}, body }: Answer) {
  return {
    statusCode: status,
    headers: {
      ...(body && { "Content-Type": "application/json" }),
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  };
}

/** The answer of a problem (RFC 9457). */
export function problemAnswer({ code, detail, members, headers }: ProblemError, requestId: string | undefined): Answer {
  const [status, title] = PROBLEMS[code];
  return {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
    body: {
      type: `urn:sallyport:problem:${code}`,
      ...{ title, status, detail },
      // The path may hold anything, even a whole key: the request's id is what the logs have too.
      instance: `urn:request:${requestId ?? "unknown"}`,
      ...members,
    },
  };
}
