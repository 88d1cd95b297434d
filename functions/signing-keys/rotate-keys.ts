import { instantOf } from "../../shared/domain/events/common.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { causeOf } from "../../shared/domain/reasons/cause.ts";
import { logger } from "../../shared/infrastructure/telemetry/telemetry.ts";
import type { KeyDocument, SigningKey } from "../federation/signing/key-document.ts";
import type { KeyDocumentTable } from "../federation/store/key-document-table.ts";
import type { KeyMaker } from "./key-maker.ts";
import { dueStep, type Step, stepWithoutCurrent } from "./next-document.ts";

/** What the function works with. */
export interface RotationTools {
  readonly keys: KeyMaker;
  readonly table: Omit<KeyDocumentTable, "read">;
  readonly put: (event: SallyportEvent) => Promise<void>;
}

/** What a run did, for the log. */
export interface RotationResult {
  readonly step: "none" | "make" | "rotate" | "retire" | "lost";
  /** `kid` of the key that signs. */
  readonly current?: string;
  /** `kid` of the key that should have signed, and could not. */
  readonly dead?: string;
}

/**
 * Does what is due with the keys that sign tokens. Two runs at a time do it once: the loser ends the key that it made,
 * or leaves it to the next run as the spare key.
 *
 * @param now seconds since the epoch
 */
export async function rotateKeys(tools: RotationTools, now: number, isForced: boolean): Promise<RotationResult> {
  const { keys, table, put } = tools;
  const known = await table.find();
  // Told of again until the previous key retires: the run that rotated may have ended before it told.
  if (known?.previous) await put(rotatedEvent(known));
  const usable = known && (await withoutDeadNext(known, keys));
  const isDead = usable !== undefined && !(await keys.canSign(usable.current.kmsKey));
  const due = isDead ? stepWithoutCurrent(usable, now) : dueStep(usable, now, isForced);
  const result = await done(due, now, tools);
  const current = result.current ?? known?.current.kid;
  return {
    ...{ step: result.step, ...(current !== undefined && { current }) },
    ...(isDead && { dead: usable.current.kid }),
  };
}

/** The next key must be able to sign when its time comes. One that is not is made anew. */
async function withoutDeadNext(known: KeyDocument, keys: KeyMaker): Promise<KeyDocument> {
  const { next, ...others } = known;
  return next && !(await keys.canSign(next.kmsKey)) ? others : known;
}

async function done(due: Step, now: number, tools: RotationTools): Promise<RotationResult> {
  if (due.step === "none") return { step: "none" };
  const { keys, table, put } = tools;
  // The key signs no more. If the document is not replaced, the next run ends it once more.
  if (due.retired) await keys.end(due.retired.kmsKey);
  if (due.step === "make") return make(due.document, now, tools);
  if (!(await table.replace(due.document))) return { step: "lost" };
  if (due.step === "rotate") await put(rotatedEvent(due.document));
  return { step: due.step, current: due.document.current.kid };
}

/**
 * Makes a key, and writes it into the document. Until then it is the table's spare key: if the answer to the write is
 * lost, nobody knows whether the key is in use, now or in a moment. So the run that does not know leaves it alone, and
 * the next one finds it in the document or as the spare key.
 */
async function make(
  documentOf: (made: SigningKey) => KeyDocument,
  now: number,
  { keys, table }: RotationTools,
): Promise<RotationResult> {
  const kmsKey = (await spareOf(keys, table)) ?? (await newSpare(keys, table));
  if (kmsKey === undefined) return { step: "lost" };
  const made = await keys.read(kmsKey);
  const document = documentOf({ ...made, publishedAt: now });
  const result = { step: "make", current: document.current.kid } as const;
  try {
    return (await table.replace(document, kmsKey)) ? result : { step: "lost" };
  } catch (error) {
    const found = await table.find();
    if ([found?.current, found?.next].some((key) => key?.kid === made.kid)) return result;
    throw error;
  }
}

/** The key that an earlier run made and could not write into the document. */
async function spareOf(keys: KeyMaker, table: RotationTools["table"]): Promise<string | undefined> {
  const spare = await table.findSpare();
  if (spare === undefined || (await keys.canSign(spare))) return spare;
  await table.dropSpare(spare);
  return undefined;
}

/** Makes a key that the next run finds, whatever becomes of this one. Undefined: another run made one too. */
async function newSpare(keys: KeyMaker, table: RotationTools["table"]): Promise<string | undefined> {
  const kmsKey = await keys.create();
  try {
    if (await table.keepSpare(kmsKey)) return kmsKey;
  } catch (error) {
    await ended(kmsKey, keys);
    throw error;
  }
  await ended(kmsKey, keys);
  return undefined;
}

/** Ends a key that no document has. One that cannot be ended is named in the log: nothing else knows of it. */
async function ended(kmsKey: string, keys: KeyMaker): Promise<void> {
  try {
    await keys.end(kmsKey);
  } catch (error) {
    logger.error("signing key not ended", { kmsKey, cause: causeOf(error) });
  }
}

const rotatedEvent = ({ current, previous, currentSince }: KeyDocument): SallyportEvent => ({
  name: "SigningKeyRotated",
  detail: {
    ...{ id: `keys:${current.kid}:SigningKeyRotated`, schemaVersion: 1, time: instantOf(currentSince) },
    ...{ keyId: current.kid, ...(previous && { previousKeyId: previous.kid }) },
  },
});
