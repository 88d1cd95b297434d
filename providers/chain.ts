import { TroubleError } from "../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../shared/domain/request/authorization-request.ts";
import type { Credential } from "../shared/domain/request/credential.ts";
import type { Provider } from "./provider.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** A credential, the provider that recognises it and its verdict. */
export interface Finding {
  readonly credential: Credential;
  readonly provider: string;
  readonly verdict: Verdict;
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
  return Promise.all(
    distinct(owned).map(async ({ credential, provider }) => ({
      credential,
      provider: provider.name,
      verdict: await beforeDeadline(verify(provider, credential, request, signal), signal),
    })),
  );
}

interface Owned {
  readonly credential: Credential;
  readonly provider: Provider;
}

/** Removes duplicates: the same value in two places is one credential. */
function distinct(owned: readonly Owned[]): Owned[] {
  return [...new Map(owned.map((each) => [`${each.provider.name} ${each.credential.value}`, each])).values()];
}

async function verify(
  provider: Provider,
  credential: Credential,
  request: AuthorizationRequest,
  signal: AbortSignal,
): Promise<Verdict> {
  try {
    return await provider.verify(credential, request, signal);
  } catch (error) {
    return verdictOf(error instanceof TroubleError ? error : new TroubleError("provider_failed", error));
  }
}

/** The verdict, or `deadline_exceeded` if the signal comes first. A provider may ignore the signal. */
function beforeDeadline(verdict: Promise<Verdict>, signal: AbortSignal): Promise<Verdict> {
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  const stop = () => resolve(verdictOf(new TroubleError("deadline_exceeded")));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  void verdict.then(resolve).finally(() => signal.removeEventListener("abort", stop));
  return promise;
}
