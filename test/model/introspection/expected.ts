import { type Answer, AUDIENCE, type Entry, isForeign, isWell, type Judged, judge, merged, TROUBLE } from "./judge.ts";

/** What an instance knows, when it asks the server, and what it answers then. */

interface Known {
  readonly at: number;
  /** Undefined: the token was not active. */
  readonly claims: Answer | undefined;
}

/** What the model knows of one instance. */
export interface Instance {
  readonly known: Map<number, Known>;
  /** Until when the server may be left alone: with tokens that were active before, and with others. */
  readonly pausedUntil: { active: number; others: number };
  /** When the server failed last, in a way that stops the questions about tokens that were not active. */
  failedAt: number;
  /** Until when it may not be asked about a token that was active, and at which it failed. */
  readonly tokenPausedUntil: Map<number, number>;
}

export interface Expectation {
  readonly calls: readonly number[];
  readonly judged: readonly Judged[];
  /** To be called if the server was asked. */
  readonly learn: () => unknown;
}

export function expectation(
  given: Entry,
  instance: Instance,
  { token, delay, isTwice }: { readonly token: number; readonly delay: number; readonly isTwice: boolean },
  claims: readonly Answer[],
  told: Answer | string | number,
  now: number,
): Expectation {
  const own = given.isForJwts ? (claims[token] as Answer) : {};
  let learned: () => unknown = () => undefined;
  const learn = () => learned();
  // What ends a JWT by itself costs its server nothing.
  if (given.isForJwts) {
    const alone = judge(given, { ...own, aud: AUDIENCE, sub: "x", client_id: "web", token_use: "access" }, now);
    if ("reasons" in alone) return { calls: [0], judged: [alone], learn };
  }
  const known = instance.known.get(token);
  const age = known === undefined ? Number.POSITIVE_INFINITY : now - known.at;
  const of = (answer: Answer) =>
    given.isForJwts && isForeign(own, answer) ? { reasons: [TROUBLE] } : judge(given, merged(own, answer), now);
  if (known?.claims && age < given.cacheAge) {
    const remembered = of(known.claims);
    const isOver = "reasons" in remembered && remembered.reasons.includes("token_expired");
    if (!isOver) return { calls: [0], judged: [remembered], learn };
    const anew = answered();
    return { calls: [0, 1], judged: [remembered, ...anew], learn };
  }
  if (known && !known.claims && age < Math.min(5, given.cacheAge)) {
    return { calls: [0], judged: [{ reasons: ["token_inactive"] }], learn };
  }
  const lane = known?.claims ? ("active" as const) : ("others" as const);
  // The second of two questions may be about a token that the first has shown to be active.
  const lanes = isTwice ? (["active", "others"] as const) : [lane];
  const isPaused =
    lanes.some((each) => now <= instance.pausedUntil[each]) || now <= (instance.tokenPausedUntil.get(token) ?? 0);
  if (lane === "others" && now === instance.failedAt) return { calls: [0], judged: [{ reasons: [TROUBLE] }], learn };
  const judged = answered();
  return { calls: isPaused ? [0, 1] : [1], judged: isPaused ? [...judged, { reasons: [TROUBLE] }] : judged, learn };

  // A server that fails at one token is asked about others.
  function fails(isServers: boolean): Judged[] {
    const until = now + delay + 2;
    learned = () => {
      if (known?.claims) instance.tokenPausedUntil.set(token, until);
      if (isServers) instance.pausedUntil[lane] = until;
      if (isServers && lane === "others" && delay === 0) instance.failedAt = now;
    };
    return [{ reasons: [TROUBLE] }];
  }

  function answered(): Judged[] {
    if (typeof told !== "object") return fails(["none", 401, 429, 503].includes(told));
    if (!isWell(told)) return fails(false);
    if (told.active === false) {
      learned = () => instance.known.set(token, { at: now, claims: undefined });
      return [{ reasons: ["token_inactive"] }];
    }
    learned = () => instance.known.set(token, { at: now, claims: told });
    return [of(told)];
  }
}
