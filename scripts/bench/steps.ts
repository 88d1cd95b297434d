import { createSecretKey } from "node:crypto";
import { kindOf } from "../../functions/authorizer/api-kinds/kind-of.ts";
import { decide } from "../../functions/authorizer/decide.ts";
import { hashApiKey } from "../../providers/api-key/hash.ts";
import { itemOf, recordOf } from "../../providers/api-key/item.ts";
import { checkClaims, entryFor } from "../../providers/jwt/claims.ts";
import { readCompact } from "../../providers/jwt/compact.ts";
import { readKeySet } from "../../providers/jwt/key-set.ts";
import { principalOf } from "../../providers/jwt/principal.ts";
import { verifySignature } from "../../providers/jwt/signature.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import { eventFrame } from "./cases.ts";
import { mintTokens } from "./credentials.ts";
import { cell, type Report } from "./report.ts";
import { median } from "./statistics.ts";
import type { Options } from "./warm-rows.ts";
import type { World } from "./world.ts";

/** Decisions of a full run that warm the code up, and that are measured. */
const [WARMING, MEASURED] = [3000, 3000];

/** Times of each step, in microseconds. */
class Steps {
  readonly times = new Map<string, number[]>();

  /** Runs a step and keeps its time. */
  of<T>(name: string, run: () => T): T {
    const begun = performance.now();
    const result = run();
    if (!(result instanceof Promise)) this.#keep(name, begun);
    return result instanceof Promise ? (result.finally(() => this.#keep(name, begun)) as T) : result;
  }

  #keep(name: string, begun: number): void {
    const times = this.times.get(name) ?? [];
    if (times.length === 0) this.times.set(name, times);
    times.push((performance.now() - begun) * 1000);
  }
}

/**
 * Measures what a decision about a JWT that comes for the first time consists of, and the parts of one about an API
 * key that a JWT's has not, each step on its own in this process. Middy, the log line and the metric are not in it:
 * they are the empty handler of the warm group.
 */
export async function steps(world: World, { quick }: Options): Promise<Report> {
  const count = quick ? 2 : WARMING + MEASURED;
  const measured = new Steps();
  const config = parseConfig(world.config);
  const { jwt, apiKeys } = config;
  if (!jwt || !apiKeys) throw new Error("no section");
  const keys = readKeySet([{ ...world.keys.RS256.jwk }], ["RS256"]);
  const pepper = createSecretKey(Buffer.alloc(32, 7));
  const frame = eventFrame("Bearer", world.time);
  const item = itemOf(recordFor(world));
  for (const token of mintTokens(world, "RS256", count)) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const event: unknown = JSON.parse(frame.join(token));
    const kind = kindOf(event);
    const cache = { cachedBy: ["authorization"], ttl: 300 };
    const request = measured.of("read the event", () => kind.read(objectOf(event), world.time, config, cache));
    const read = measured.of("read the token strictly", () => readCompact(token, jwt.maxLength));
    const { entry } = measured.of("check its claims", () => {
      const found = entryFor(read, jwt);
      checkClaims(read.payload, found.entry, world.time);
      return found;
    });
    await measured.of("verify its signature (jose)", () =>
      verifySignature(token, keys.candidates("r1", "RS256"), "RS256"),
    );
    const principal = measured.of("make a principal of its claims", () => principalOf(read.payload, entry));
    const decision = measured.of("merge, match rules, make the policy", () => decide(request, [principal], config));
    if (decision.outcome === "unavailable") throw new Error(decision.reason);
    measured.of("make the response", () => kind.respond(decision, request, config));
    measured.of("API key: hash it", () => hashApiKey(token.slice(0, 80), pepper));
    measured.of("API key: check its record", () => recordOf("bench", item));
  }
  const rows = [...measured.times].map(
    ([name, times]) => [name, median(quick ? times : times.slice(WARMING))] as const,
  );
  const whole = rows.reduce((sum, [name, time]) => sum + (name.startsWith("API key") ? 0 : time), 0);
  return {
    group: "steps",
    tables: [
      {
        title: "Steps of a decision",
        columns: ["step", "median", "share"],
        rows: rows.map(([name, time]) => [
          name,
          cell(time, "µs"),
          name.startsWith("API key") ? "" : share(time, whole),
        ]),
      },
    ],
    targets: [],
    notes: [],
  };
}

const share = (time: number, whole: number) => `${((time / whole) * 100).toFixed(0)} %`;

const recordFor = ({ time }: World) => ({
  ...{ id: "bench", hash: new Uint8Array(32), pepper: "bench", environment: "live", status: "active" as const },
  ...{ name: "Bench", tenant: "acme", scopes: ["orders:read", "orders:write"], roles: [], attributes: {} },
  ...{ createdAt: time, expiresAt: time + 3600 },
});
