const KEY = /([a-z][a-z0-9]{1,15}_[a-z][a-z0-9]{1,15}_[0-9A-Za-z]{16}_)[0-9A-Za-z]+/g;

/**
 * A text without the secrets in it: of a whole key its prefix, environment and id stay. Any other run that is as long as
 * most of a secret goes too, since a key may be damaged.
 */
export const redacted = (text: string): string => text.replaceAll(KEY, "$1…").replaceAll(/[0-9A-Za-z]{40,}/g, "…");
