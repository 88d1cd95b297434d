/** Partitions of a day in an index: one day may be that of a hundred thousand keys. */
const SHARDS = 8;

/** The partition of an index by days that holds a key: the UTC day, and a part of it by the id. @param time seconds */
export const dayBucket = (id: string, time: number): string =>
  `${dayOf(time)}#${id.charCodeAt(id.length - 1) % SHARDS}`;

/** All partitions of an index by days for the UTC day of an instant, in seconds since the epoch. */
export const dayBuckets = (time: number): string[] =>
  Array.from({ length: SHARDS }, (_, shard) => `${dayOf(time)}#${shard}`);

const dayOf = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
