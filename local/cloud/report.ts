/** What happened in the local cloud, for a line of `npm start`. It holds no item of a table and no body of a message. */
export type CloudRecord = { /** Milliseconds since the epoch. */ readonly time: number } & (
  | EventPut
  | CacheFlushed
  | DeliveryFailed
  | GivenUp
);

/** An event was put on a bus. */
export interface EventPut {
  readonly kind: "event";
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  /** Names of the rules that it matches. */
  readonly rules: readonly string[];
}

/** The authorizer cache of an API's stage was emptied. */
export interface CacheFlushed {
  readonly kind: "flush";
  /** Id or logical id of the API. */
  readonly api: string;
  readonly stage: string;
}

/** A function failed for an event, or a queue did not take it. */
export interface DeliveryFailed {
  readonly kind: "failure";
  /** Logical id of the function, or name of the queue. */
  readonly function: string;
  /** What the event came from: `KeyEvents.Stream`. */
  readonly from: string;
  readonly error: string;
}

/** What could not be delivered was given up. */
export interface GivenUp {
  readonly kind: "given up";
  readonly from: string;
  /** How many records, messages or events. */
  readonly count: number;
  readonly reason: string;
  /** The queue or the file where they are kept; undefined if nowhere. */
  readonly kept?: string;
}

/** Gets what happens in the local cloud. */
export type Report = (record: CloudRecord) => void;
