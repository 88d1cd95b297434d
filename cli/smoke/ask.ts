import { errorText } from "../error-text.ts";

/** A request to send, and the status that it should get. */
export interface SmokeRequest {
  readonly title: string;
  /** Value of `Authorization`; undefined for none. */
  readonly authorization?: string;
  readonly expected: number;
}

/** The answer to a request. */
export interface SmokeAnswer {
  readonly isExpected: boolean;
  /** What came, for people. It has nothing of the credential and nothing of the body. */
  readonly text: string;
}

const TIMEOUT = 20_000;

/** Sends one GET request. A redirect is not followed, because it would carry the credential elsewhere. */
export async function ask(url: string, { authorization, expected }: SmokeRequest): Promise<SmokeAnswer> {
  let response: Response;
  try {
    response = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
      headers: authorization === undefined ? {} : { authorization },
    });
    await response.body?.cancel();
  } catch (error) {
    const { cause = error } = error as { cause?: unknown };
    return { isExpected: false, text: `no answer: ${errorText(cause)}` };
  }
  const { status, headers } = response;
  if (status === expected) return { isExpected: true, text: String(status) };
  const advice = headers.get("x-sallyport-reason") || ADVICE[status];
  return { isExpected: false, text: `${status}, expected ${expected}${advice ? `: ${advice}` : ""}` };
}

const ADVICE: Readonly<Record<number, string>> = {
  200: "the route has no authorizer",
  401: "the credential is refused; the log has the reason",
  403: "no rule allows this caller the route, or the stage has no such route",
  404: "there is no such route",
  500: "the authorizer could not decide; the log has the cause",
};
