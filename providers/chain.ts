import { TroubleError } from "../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
import type { Credential } from "../shared/domain/request/credential.ts";
import type { Entitled } from "./entitlements/entitled.ts";
import type { Provider } from "./provider.ts";
import { soundVerdict } from "./sound-verdict.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** A credential, the provider that recognises it and its verdict. */
export interface Finding {
  readonly credential: Credential;
  readonly provider: string;
  readonly verdict: Verdict;
  /** What the table of entitlements says of the principal. Absent: it was not asked. */
  readonly entitled?: Entitled;
}

/**
 * Passes each credential to the first provider that recognises it, and to no other, even if the verification fails. A
 * credential that no provider recognises has no finding. All are verified concurrently, and a failure does not cancel
 * the others.
 */
export async function verifyAll(
  providers: readonly Provider[],
  request: AuthorizationRequest,
  signal: AbortSignal,
): Promise<Finding[]> {
  const owned = request.credentials.flatMap((credential) => {
    const provider = providers.find((candidate) => candidate.recognises(credential));
    return provider ? [{ credential, provider }] : [];
  });
  if (owned.length === 0) return [];
  const { promise: deadline, resolve } = Promise.withResolvers<Verdict>();
  const stop = () => resolve(verdictOf(new TroubleError("deadline_exceeded")));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.all(
      distinct(owned).map(async ({ credential, provider }) => ({
        credential,
        provider: provider.name,
        // A provider that does not heed the signal cannot hold up the answer.
        verdict: await Promise.race([verify(provider, credential, request, signal), deadline]),
      })),
    );
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

interface Owned {
  readonly credential: Credential;
  readonly provider: Provider;
}

/**
 * Removes duplicates: the same value in two places is one credential. But not one that is presented as a bearer token
 * too, which a token bound to a key must not be.
 */
function distinct(owned: readonly Owned[]): readonly Owned[] {
  if (owned.length < 2) return owned;
  const identityOf = ({ provider, credential: { scheme, value } }: Owned) =>
    `${provider.name} ${scheme === "dpop"} ${value}`;
  return [...new Map(owned.map((each) => [identityOf(each), each])).values()];
}

async function verify(
  provider: Provider,
  credential: Credential,
  request: AuthorizationRequest,
  signal: AbortSignal,
): Promise<Verdict> {
  try {
    return soundVerdict(await provider.verify(credential, request, signal), request.time);
  } catch (error) {
    return verdictOf(error instanceof TroubleError ? error : new TroubleError("provider_failed", error));
  }
}
