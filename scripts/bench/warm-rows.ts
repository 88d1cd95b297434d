import { type Case, eventFrame, writeCase } from "./cases.ts";
import { type Subject, startSubject } from "./measured.ts";
import { type Length, needed, type Row } from "./rounds.ts";
import { type Contestant, plansOf } from "./warm-plans.ts";
import type { World } from "./world.ts";
import { type Bundle, bundleOf } from "./yardsticks.ts";

export interface Options extends Length {
  /** Measures only rows whose names contain this text; empty for all. */
  readonly only: string;
  /** Number of keys in the largest table. */
  readonly keys: number;
}

/** Complete authorizers. */
const AUTHORIZERS: readonly Contestant[] = [
  "sallyport",
  "earlier",
  "sallyport/database",
  "auth0-sample",
  "aws-powertools",
];
/** Bundles that take an event. */
const EVENT: readonly Contestant[] = [...AUTHORIZERS, "empty", "jose-logged"];
/** Throws unless the answer allows, because a refusal costs less. */
async function demandAllow(subject: Subject, file: string, row: string): Promise<void> {
  const { answer } = await subject.answer(file);
  if (!answer.includes('"Effect":"Allow"')) throw new Error(`${row} does not allow: ${answer}`);
}

/** The name of a row: the kind of decision and the bundle. */
export const rowName = (what: string, by: Contestant) => `${what} · ${by}`;

export interface WarmRows {
  readonly rows: readonly Row[];
  close(): void;
}

/** Prepares processes and credentials for the rows whose names match. */
export async function prepareWarm(world: World, options: Options): Promise<WarmRows> {
  const subjects = new Map<string, Promise<Subject>>();
  const configured = await world.configured("warm", world.config);
  const start = (by: Contestant) => {
    const [bundle, place] = by.split("/") as [Bundle, string?];
    const table = place === "database" ? { AWS_ENDPOINT_URL_DYNAMODB: world.database } : {};
    return startSubject(bundleOf(bundle), { ...world.environment, ...configured, ...table });
  };
  const rows: Row[] = [];
  for (const { what, by, count: usual, scheme, fresh, credentials } of await plansOf(world)) {
    const count = options.quick ? 2 : usual;
    const wanted = by.filter((each) => rowName(what, each).toLowerCase().includes(options.only.toLowerCase()));
    if (wanted.length === 0) continue;
    const content: Case = { fresh, credentials: await credentials(fresh ? needed(options, count) : 1) };
    for (const each of wanted) {
      const frame = EVENT.includes(each) && { frame: eventFrame(scheme, world.time) };
      const file = await writeCase(world, `${what} ${frame ? "event" : "alone"}`, { ...content, ...frame });
      const subject = subjects.get(each) ?? start(each);
      subjects.set(each, subject);
      if (AUTHORIZERS.includes(each)) await demandAllow(await subject, file, rowName(what, each));
      rows.push({ name: rowName(what, each), subject: await subject, file, count });
    }
  }
  return {
    rows,
    close: () => {
      for (const subject of subjects.values()) void subject.then((each) => each.close());
    },
  };
}
