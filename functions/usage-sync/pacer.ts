/** Time, as far as the pace depends on it. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Requests of an account to the control plane of API Gateway: 10 a second in all, of which 5 create keys. */
const GAPS = { any: 100, create: 200 } as const;

/** Attempts of a request that API Gateway throttles: others of the account use its rates too. */
const MAX_ATTEMPTS = 6;

/** Runs a request when its turn has come. */
export type Pace = <Result>(kind: keyof typeof GAPS, request: () => Promise<Result>) => Promise<Result>;

/**
 * Keeps requests within the rates of the control plane. One that is throttled is repeated, after a pause that doubles.
 *
 * @param share of the rates that this one may use, 0 to 1
 */
export function pacer(clock: Clock = SYSTEM_CLOCK, share = 1): Pace {
  const free = { any: 0, create: 0 };

  async function turn(kind: keyof typeof GAPS): Promise<void> {
    const now = clock.now();
    const at = Math.max(now, free.any, kind === "create" ? free.create : 0);
    free.any = at + GAPS.any / share;
    if (kind === "create") free.create = at + GAPS.create / share;
    if (at > now) await clock.wait(at - now);
  }

  return async (kind, request) => {
    for (let attempt = 1; ; attempt++) {
      await turn(kind);
      try {
        return await request();
      } catch (error) {
        if (!isThrottled(error) || attempt === MAX_ATTEMPTS) throw error;
        await clock.wait(500 * 2 ** attempt);
      }
    }
  };
}

const isThrottled = (error: unknown): boolean =>
  error instanceof Error && ["TooManyRequestsException", "ThrottlingException"].includes(error.name);
