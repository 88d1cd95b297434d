import type { DynamoDBRecord } from "aws-lambda";
import type { Faults } from "../faults.ts";
import type { TableResource } from "../resources.ts";

/** Where the records of tables with streams come from. */
export interface ChangeFeed {
  /** Faults of the database's calls, if the feed can plan any. */
  readonly faults?: Faults;
  /**
   * Calls back with every change of a table from now on. The changes of one item come in their order.
   *
   * @returns a function that stops it
   */
  watch(table: TableResource, listener: (record: DynamoDBRecord) => void): Promise<() => void>;
}
