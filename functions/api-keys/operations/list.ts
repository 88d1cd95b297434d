import type { KeyQuery, ListedKey } from "../../../providers/api-key/management/key-table.ts";
import { isDamaged } from "../../../providers/api-key/management/key-table.ts";
import { listCursor } from "../../../providers/api-key/management/list-cursor.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { CursorError } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import type { Answer } from "../http/answer.ts";
import { invalid, ProblemError } from "../http/problem.ts";
import { checked } from "../schema/checked.ts";
import { listedKeyOf } from "../schema/key.ts";
import { type ListQuery, listQuery, PAGE } from "../schema/requests.ts";
import type { Call } from "./call.ts";
import { expiringPage } from "./expiring-page.ts";
import { pageWithin } from "./page-within.ts";

/** `GET /keys?owner=&tenant=&expiringBefore=&status=&limit=&cursor=`. One index is read, by the first of tenant, owner and end. */
export async function listKeys(call: Call): Promise<Answer> {
  const { table, administrator, config, time } = call;
  const given = queryOf(call.request.query);
  const query = withTenant(given, call);
  const { limit = PAGE.default, cursor, ...filter } = query;
  const cursors = listCursor(filter);
  try {
    const options = { limit, ...(cursor !== undefined && { cursor: cursors.read(cursor) }) };
    const index = indexOf(query);
    const shown = (key: ListedKey) => listedKeyOf(key, administrator, time);
    const page = await pageWithin(
      options,
      (sized) => (index ? table.page(index, sized) : expiringPage(table, query, sized, time)),
      (each) => each.keys.map(shown),
    );
    const keys = page.keys.filter((key) => isListed(key, query, config.environment, time));
    return {
      status: 200,
      body: { keys: keys.map(shown), ...(page.cursor !== undefined && { cursor: cursors.write(page.cursor) }) },
    };
  } catch (error) {
    throw error instanceof CursorError ? otherCursor() : error;
  }
}

export const otherCursor = () =>
  invalid({ in: "query", field: "cursor", found: "another text", allowed: "the cursor of a page of this list" });

function queryOf(parameters: URLSearchParams): ListQuery {
  const twice = [...parameters.keys()].find((name) => parameters.getAll(name).length > 1);
  if (twice !== undefined && twice in listQuery.entries) {
    throw invalid({ in: "query", field: twice, found: "more than one", allowed: "one" });
  }
  return checked(listQuery, Object.fromEntries(parameters), "query");
}

/** The administrator of a tenant lists its keys, whatever else it asks for. */
function withTenant(query: ListQuery, { administrator: { limits } }: Call): ListQuery {
  if (limits) {
    if (query.tenant !== undefined && query.tenant !== limits.tenant) {
      throw new ProblemError("not-permitted", "You list the keys of your tenant alone.");
    }
    return { ...query, tenant: limits.tenant };
  }
  const { owner, tenant, expiringBefore } = query;
  if (owner === undefined && tenant === undefined && expiringBefore === undefined) {
    const allowed = "owner, tenant or expiringBefore: there is no list of all keys";
    throw invalid({ in: "query", field: "owner", found: "nothing", allowed });
  }
  return query;
}

function indexOf({ tenant, owner }: ListQuery): KeyQuery | undefined {
  if (tenant !== undefined) return { tenant };
  return owner === undefined ? undefined : { owner };
}

/** A key that has ended is not listed as an active one. */
const shownStatus = ({ status, expiresAt = Number.POSITIVE_INFINITY }: KeyRecord, time: number) =>
  status === "active" && expiresAt <= time ? "expired" : status;

/** Whether a key that the index has is one that was asked for. */
function isListed(key: ListedKey, query: ListQuery, environment: string, time: number): boolean {
  const { owner, tenant, expiringBefore, status } = query;
  if (isDamaged(key)) return status === undefined;
  return (
    key.environment === environment &&
    (owner === undefined || key.owner === owner) &&
    (tenant === undefined || key.tenant === tenant) &&
    (status === undefined || shownStatus(key, time) === status) &&
    (expiringBefore === undefined ||
      (key.expiresAt !== undefined && key.expiresAt >= time && key.expiresAt < expiringBefore))
  );
}
