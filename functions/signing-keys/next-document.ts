import type { KeyDocument, SigningKey } from "../federation/signing/key-document.ts";

/** Seconds after which another key signs: 90 days. */
export const SIGNING_PERIOD = 90 * 86_400;

/**
 * Seconds for which a key is published before it signs. Authorizers of HTTP APIs keep a key set for up to two hours (API
 * Gateway developer guide, "Control access to HTTP APIs with JWT authorizers").
 */
export const PUBLISHED_BEFORE = 3 * 3600;

/** Seconds for which a key stays published after it signed: the longest token, and a verifier with an old clock. */
export const PUBLISHED_AFTER = 2 * 3600;

/** What a run does with the keys. One thing at a time: the next run does the next. */
export type Step =
  | { readonly step: "none" }
  /** A key is made: the first one, or the one that signs next. */
  | { readonly step: "make"; readonly document: (made: SigningKey) => KeyDocument; readonly retired?: SigningKey }
  /** The next key signs from now on. */
  | { readonly step: "rotate"; readonly document: KeyDocument; readonly retired?: SigningKey }
  /** The previous key is no longer published, and ends. */
  | { readonly step: "retire"; readonly document: KeyDocument; readonly retired: SigningKey };

/**
 * Decides what is due.
 *
 * @param known undefined: there is no key yet
 * @param now seconds since the epoch
 * @param isForced whether the next key signs before its time, since the current one may have been misused
 */
export function dueStep(known: KeyDocument | undefined, now: number, isForced: boolean): Step {
  if (!known) {
    // Nobody has a key set of ours yet, so the first key signs at once.
    return { step: "make", document: (made) => ({ version: 1, currentSince: now, current: made }) };
  }
  const { previous, ...others } = known;
  const version = known.version + 1;
  if (previous && now - known.currentSince >= PUBLISHED_AFTER) {
    return { step: "retire", document: { ...others, version }, retired: previous };
  }
  const { current, next } = known;
  if (!next) return { step: "make", document: (made) => ({ ...known, version, next: made }) };
  const isDue = isForced || now - known.currentSince >= SIGNING_PERIOD;
  // Not even a forced rotation is before its time: authorizers would refuse every token for hours. Nor does one drop a
  // key whose tokens are valid.
  if (!isDue || previous || now - next.publishedAt < PUBLISHED_BEFORE) return { step: "none" };
  return { step: "rotate", document: { version, currentSince: now, current: next, previous: current } };
}

/**
 * What is due if AWS KMS no longer signs with the current key, because somebody switched it off or ended it. Nobody gets
 * a token until another key signs, so that it does at once, although verifiers may not know it for hours. What the dead
 * key signed stays valid.
 */
export function stepWithoutCurrent({ version, current, next, previous }: KeyDocument, now: number): Step {
  const documentOf = (signing: SigningKey): KeyDocument => ({
    ...{ version: version + 1, currentSince: now, current: signing, previous: current },
  });
  const retired = previous && { retired: previous };
  return next
    ? { step: "rotate", document: documentOf(next), ...retired }
    : { step: "make", document: documentOf, ...retired };
}
