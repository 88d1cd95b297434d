import { shownDuration } from "../explain/shown-time.ts";

/**
 * Says how long API Gateway may still serve answers that it cached before a change. `--stack` sets the variable to the
 * stack's parameter.
 */
export function cacheNote({ SALLYPORT_CACHE_TTL: text = "" }: NodeJS.ProcessEnv = process.env): string {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : undefined;
  if (seconds === 0) return "Nothing is cached: it takes effect at once.\n";
  if (seconds !== undefined) {
    return `Caches of API Gateway may serve earlier answers for up to ${shownDuration(seconds)} more.\n`;
  }
  return (
    "Caches of API Gateway may serve earlier answers for as long as their TTL, ReauthorizeEvery of the template, which is " +
    "an hour at most. --stack or SALLYPORT_CACHE_TTL says it here.\n"
  );
}
