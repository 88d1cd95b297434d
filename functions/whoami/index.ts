import { CallerMissingError, readCaller } from "../../shared/domain/caller/read-caller.ts";

/** What of an event this backend reads, whichever API it comes from. */
interface Event {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly requestContext: { readonly eventType?: string };
}

/** A protected backend of REST, HTTP and WebSocket APIs that answers with its caller. */
export const handler = async (event: Event) => {
  try {
    const caller = readCaller(event);
    return {
      statusCode: 200,
      headers: {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        // A client uses the newest nonce that it was given (RFC 9449 section 8.2).
        ...(caller.dpopNonce !== undefined && { "DPoP-Nonce": caller.dpopNonce }),
        ...chosenProtocol(event),
      },
      body: JSON.stringify(caller),
    };
  } catch (error) {
    if (!(error instanceof CallerMissingError)) throw error;
    // Only a route without the authorizer leads here: better no answer than one to everybody.
    return { statusCode: 500, body: '{"message":"this route has no authorizer"}' };
  }
};

/**
 * A client that offers sub-protocols expects one of them to be chosen (RFC 6455 section 4.1): the first that is no
 * credential.
 */
function chosenProtocol({ headers = {}, requestContext: { eventType } }: Event): Record<string, string> {
  if (eventType !== "CONNECT") return {};
  const [, offered = ""] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === "sec-websocket-protocol") ?? [];
  const chosen = offered
    .split(",")
    .map((name) => name.trim())
    .find((name) => name !== "" && !name.startsWith("sallyport."));
  return chosen === undefined ? {} : { "Sec-WebSocket-Protocol": chosen };
}
