import { OAuthError } from "../http/oauth-error.ts";

/** The same words for every client that is not known or not proved: which it is, the log says. */
export const clientRefused = (reason: string, cause?: unknown) =>
  new OAuthError("invalid_client", "The client is not known, or did not prove who it is.", { reason, cause });
