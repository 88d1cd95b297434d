import { isObject, objectOf, type UnknownObject } from "../shared/domain/object/unknown-object.ts";
import { withoutUndefined } from "../shared/domain/object/without-undefined.ts";
import {
  CONFIRMATIONS,
  isAttributeValue,
  PRINCIPAL_KINDS,
  type Principal,
} from "../shared/domain/principal/principal.ts";
import { hasBegun, MAX_CLOCK_TOLERANCE } from "../shared/domain/time/clock-tolerance.ts";
import { type Authenticated, rejected, unavailable, type Verdict } from "./verdict.ts";

/**
 * What counts of a provider's answer. Types do not hold a provider of the project's own to the contract: a value that
 * is not what it should be could stand for no limit where one was meant, so that it is trouble. A principal whose end
 * has passed is a rejected credential.
 *
 * What counts is a copy. Rules are found again for principals of whom the same is known: a part that JSON leaves out,
 * such as a getter of a class or NaN, would make two callers one, and another object could change afterwards.
 *
 * @param verdict whatever the provider answered
 * @param time seconds since the epoch
 */
export function soundVerdict(verdict: unknown, time: number): Verdict {
  const { status, principal: given, readAt, dpopNonce } = objectOf(verdict);
  if (status === "authenticated") {
    const principal = copyOf(given, time);
    const malformed = malformedPart(principal) ?? (readAt === undefined || isInstant(readAt) ? undefined : "readAt");
    if (malformed) return unavailable("provider_failed", new MalformedError(malformed));
    return hasEnded(principal as UnknownObject, time)
      ? rejected()
      : { ...(verdict as Authenticated), status, principal: principal as unknown as Principal };
  }
  if (status === "rejected" && !isOptional(isNonce)(dpopNonce)) {
    return unavailable("provider_failed", new MalformedError("dpopNonce"));
  }
  if (status === "rejected" || status === "unavailable") return verdict as Verdict;
  return unavailable("provider_failed", new MalformedError("status"));
}

/** Says in the log which part of a verdict is malformed, and nothing of its value. */
class MalformedError extends Error {
  override readonly name = "MalformedError";
  readonly code: string;
  constructor(part: string) {
    super(`The provider's answer has a malformed ${part}.`);
    this.code = part.toUpperCase();
  }
}

/** The known parts of a principal, each read once. What is no object stays what it is. */
function copyOf(given: unknown, now: number): unknown {
  if (!isObject(given)) return given;
  const copy: Record<string, unknown> = {};
  for (const part of [...Object.keys(PARTS), "kindFrom"]) {
    const value = given[part];
    if (value !== undefined) copy[part] = copyOfPart(part, value, now);
  }
  return copy;
}

function copyOfPart(part: string, value: unknown, now: number): unknown {
  if (Array.isArray(value)) return [...value];
  if (!isObject(value)) return value;
  if (part !== "authentication") return usableOf(value);
  const { contextClass, methods, time } = value;
  return withoutUndefined({
    contextClass,
    methods: Array.isArray(methods) ? [...methods] : methods,
    time: isToCome(time, now) ? undefined : time,
  });
}

/** Whether a time is later than now by any clock, such as one in milliseconds: nobody has signed in then. */
const isToCome = (time: unknown, now: number) => typeof time === "number" && !hasBegun(time, now, MAX_CLOCK_TOLERANCE);

/** The attributes whose values can be attributes. The others are left out. */
const usableOf = (attributes: UnknownObject): UnknownObject =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => isAttributeValue(value)));

/** The first part of a principal that is not as the contract has it. */
function malformedPart(principal: unknown): string | undefined {
  if (!isObject(principal)) return "principal";
  for (const part in PARTS) if (!PARTS[part]?.(principal[part])) return part;
  return undefined;
}

const isString = (value: unknown): boolean => typeof value === "string" && value.isWellFormed();
const isText = (value: unknown): boolean => isString(value) && value !== "";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isString);
const isMethods = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
/** As RFC 9449 section 8.1 has a nonce, but without what would need an escape in a header or a template. */
const isNonce = (value: unknown): boolean => typeof value === "string" && /^[A-Za-z0-9._~-]{1,128}$/.test(value);
const isOptional = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value);

/**
 * What each part of a principal must be. An absent limit is no limit, and null is not absent. Two texts that differ in
 * lone surrogates alone are one text in the policy, in the context and in the log.
 */
const PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  provider: isText,
  subject: isText,
  kind: (value) => (PRINCIPAL_KINDS as readonly unknown[]).includes(value),
  issuer: isText,
  tenant: isOptional(isText),
  scopes: isTexts,
  roles: isTexts,
  addresses: isOptional(isTexts),
  confirmation: isOptional(
    (value) => Array.isArray(value) && value.every((each) => (CONFIRMATIONS as readonly unknown[]).includes(each)),
  ),
  dpopNonce: isOptional(isNonce),
  authentication: isOptional(isAuthentication),
  issuedAt: isOptional(Number.isFinite),
  tokenId: isOptional(isText),
  expiresAt: isOptional(Number.isFinite),
  attributes: isObject,
  usageIdentifierKey: isOptional(isText),
};

function isAuthentication(value: unknown): boolean {
  const { contextClass, methods, time } = objectOf(value);
  return (
    isObject(value) &&
    isOptional(isText)(contextClass) &&
    isOptional(isMethods)(methods) &&
    isOptional(Number.isFinite)(time)
  );
}

/** An instant that is not one would never be too long ago. */
function isInstant(value: unknown): boolean {
  const { wall, monotonic } = objectOf(value);
  return Number.isFinite(wall) && Number.isFinite(monotonic);
}

const hasEnded = ({ expiresAt }: UnknownObject, time: number): boolean =>
  typeof expiresAt === "number" && Math.floor(expiresAt) <= time;
