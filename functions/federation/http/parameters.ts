import { type HttpRequest, hasFewParameters, MAX_PARAMETERS } from "./http-request.ts";
import { OAuthError } from "./oauth-error.ts";

/** Characters of a form with an assertion: one of forty groups, encrypted, has some 30,000. */
export const MAX_FORM = 100_000;

/** Parameters of a request, each of which occurs once at most. */
export type Parameters = ReadonlyMap<string, string>;

/**
 * Reads parameters. One without a value counts as absent, and one that occurs twice is a mistake (RFC 6749 section 3.1).
 *
 * @throws {OAuthError} `invalid_request`
 */
export function parametersOf(pairs: URLSearchParams): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (value === "") continue;
    if (parameters.has(name)) throw new OAuthError("invalid_request", "A parameter occurs twice.");
    parameters.set(name, value);
  }
  return parameters;
}

/**
 * Reads the parameters of a form.
 *
 * @throws {OAuthError} `invalid_request` for another media type, or a form that is too large
 */
export function formOf(request: HttpRequest): Parameters {
  const [type = ""] = (request.header("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new OAuthError("invalid_request", "Send a form: application/x-www-form-urlencoded.");
  }
  if (request.body.length > MAX_FORM) throw new OAuthError("invalid_request", `A form has ${MAX_FORM} bytes at most.`);
  const text = request.body.toString("utf8");
  if (!hasFewParameters(text)) {
    throw new OAuthError("invalid_request", `A form has ${MAX_PARAMETERS} parameters at most.`);
  }
  return parametersOf(new URLSearchParams(text));
}
