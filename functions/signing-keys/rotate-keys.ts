import { instantOf } from "../../shared/domain/events/common.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import type { KeyDocument, SigningKey } from "../federation/signing/key-document.ts";
import type { KeyDocumentTable } from "../federation/store/key-document-table.ts";
import type { KeyMaker } from "./key-maker.ts";
import { dueStep } from "./next-document.ts";

/** What the function works with. */
export interface RotationTools {
  readonly keys: KeyMaker;
  readonly table: Pick<KeyDocumentTable, "find" | "replace">;
  readonly put: (event: SallyportEvent) => Promise<void>;
}

/** What a run did, for the log. */
export interface RotationResult {
  readonly step: "none" | "make" | "rotate" | "retire" | "lost";
  /** `kid` of the key that signs. */
  readonly current?: string;
}

/**
 * Does what is due with the keys that sign tokens. Two runs at a time do it once: the loser ends the key that it made.
 *
 * @param now seconds since the epoch
 */
export async function rotateKeys(
  { keys, table, put }: RotationTools,
  now: number,
  isForced: boolean,
): Promise<RotationResult> {
  const known = await table.find();
  // Told of again until the previous key retires: the run that rotated may have ended before it told.
  if (known?.previous) await put(rotatedEvent(known));
  const due = dueStep(known, now, isForced);
  if (due.step === "none") return { step: "none", ...(known && { current: known.current.kid }) };
  if (due.step === "make") return make(due.document, now, { keys, table });
  // The key signs no more. If the document is not replaced, the next run ends it once more.
  if (due.step === "retire") await keys.end(due.retired.kmsKey);
  if (!(await table.replace(due.document))) return { step: "lost" };
  if (due.step === "rotate") await put(rotatedEvent(due.document));
  return { step: due.step, current: due.document.current.kid };
}

async function make(
  documentOf: (made: SigningKey) => KeyDocument,
  now: number,
  { keys, table }: Pick<RotationTools, "keys" | "table">,
): Promise<RotationResult> {
  const made = await keys.create();
  const document = documentOf({ ...made, publishedAt: now });
  const result = { step: "make", current: document.current.kid } as const;
  if (await table.replace(document).catch(() => false)) return result;
  // Whether the change was made may not be known. A key that is in use must not end.
  const found = await table.find();
  if ([found?.current, found?.next, found?.previous].some((key) => key?.kid === made.kid)) return result;
  await keys.end(made.kmsKey);
  return { step: "lost" };
}

const rotatedEvent = ({ current, previous, currentSince }: KeyDocument): SallyportEvent => ({
  name: "SigningKeyRotated",
  detail: {
    ...{ id: `keys:${current.kid}:SigningKeyRotated`, schemaVersion: 1, time: instantOf(currentSince) },
    ...{ keyId: current.kid, ...(previous && { previousKeyId: previous.kid }) },
  },
});
