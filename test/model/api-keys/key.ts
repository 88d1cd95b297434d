/** The life of an API key as the documentation has it: states, versions, and who is refused with which reason. */

export interface Key {
  readonly version: number;
  readonly status: "active" | "disabled" | "revoked";
  readonly isDeleted: boolean;
  readonly name: string;
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
  readonly rotatedAt?: number | undefined;
  readonly revokedAt?: number | undefined;
  /** Places in the list of all secrets that the key ever had. */
  readonly current: number;
  readonly previous?: { readonly secret: number; readonly until: number } | undefined;
}

/** Which `If-Match` a request has. */
export type Match = "right" | "wrong" | "none";

export type Operation = { readonly match: Match } & (
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "end"; readonly in: number | null }
  | { readonly kind: "rotate"; readonly grace: number; readonly endsEarlierGrace: boolean }
  | { readonly kind: "disable" | "enable" | "revoke" | "delete" }
);

export interface Outcome {
  /** The answers that the documentation allows. */
  readonly statuses: readonly number[];
  readonly key: Key;
  /** Absent: no change, and so no event. */
  readonly event?: { readonly name: string; readonly members: object; readonly mustFlush: boolean };
}

const HOUR = 3600;
const needsNoVersion = ({ kind }: Operation) => kind === "disable" || kind === "revoke";

/** What an operation does at an instant. */
export function outcomeOf(key: Key, operation: Operation, now: number, secrets: number): Outcome {
  const refused = (...statuses: number[]) => ({ statuses, key });
  const needs = operation.match === "none" && !needsNoVersion(operation);
  if (key.isDeleted) return needs ? refused(404, 428) : refused(404);
  if (needs) return refused(428);
  const done = carriedOut(key, operation, now, secrets);
  // Which of two mistakes is told first is not said.
  if (operation.match === "wrong") return done === undefined ? refused(412, 409) : refused(412);
  return done ?? refused(409);
}

/** Undefined: the state of the key does not allow it. */
function carriedOut(key: Key, operation: Operation, now: number, secrets: number): Outcome | undefined {
  const next = { ...key, version: key.version + 1 };
  const { kind } = operation;
  const told = (changed: Key, name: string, members: object = {}, mustFlush = false, status = 200) => ({
    ...{ statuses: [status], key: changed, event: { name, members, mustFlush } },
  });
  const same = { statuses: [200], key };
  const before = { previousStatus: key.status };
  if (kind === "delete") {
    return key.status === "revoked" ? told({ ...next, isDeleted: true }, "KeyDeleted", {}, false, 204) : undefined;
  }
  if (kind === "revoke") {
    if (key.status === "revoked") return same;
    return told({ ...next, status: "revoked", revokedAt: now }, "KeyRevoked", before, true);
  }
  if (key.status === "revoked") return undefined;
  const isLive = key.status === "active" && !(key.expiresAt !== undefined && key.expiresAt <= now);
  switch (kind) {
    case "name":
      return told({ ...next, name: operation.name }, "KeyUpdated", { changed: ["name"] });
    case "end": {
      const expiresAt = operation.in === null ? undefined : now + operation.in;
      if (expiresAt === key.expiresAt) return same;
      const isEarlier = expiresAt !== undefined && expiresAt < (key.expiresAt ?? Infinity) && expiresAt < now + HOUR;
      return told({ ...next, expiresAt }, "KeyUpdated", { changed: ["expiresAt"] }, isLive && isEarlier);
    }
    case "disable":
      return key.status === "disabled" ? same : told({ ...next, status: "disabled" }, "KeyDisabled", before, true);
    case "enable":
      return key.status === "active" ? same : told({ ...next, status: "active" }, "KeyEnabled", before);
    case "rotate": {
      const { grace, endsEarlierGrace } = operation;
      const hasEarlier = key.previous !== undefined && now < key.previous.until;
      if (hasEarlier && grace > 0 && !endsEarlierGrace) return undefined;
      const previous = { secret: key.current, until: now + grace };
      const rotated = { ...next, current: secrets, rotatedAt: now, previous };
      return told(rotated, "KeyRotated", {}, isLive && (grace < HOUR || hasEarlier), 201);
    }
  }
}

/** The verdicts that the documentation allows for a secret at an instant. */
export function verdictsOf(key: Key, secret: number, now: number): readonly string[] {
  if (key.isDeleted) return ["key_unknown"];
  const isPrevious = key.previous?.secret === secret;
  if (secret !== key.current && !isPrevious) return ["key_mismatch"];
  // Of several reasons it is not said which one is told.
  const reasons = [
    ...(isPrevious && key.previous.until <= now ? ["key_secret_replaced"] : []),
    ...(key.status === "revoked" ? ["key_revoked"] : []),
    ...(key.status === "disabled" ? ["key_disabled"] : []),
    ...(key.expiresAt !== undefined && key.expiresAt <= now ? ["key_expired"] : []),
  ];
  return reasons.length > 0 ? reasons : ["authenticated"];
}
