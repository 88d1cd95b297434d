import { listCursor } from "../../../providers/api-key/management/list-cursor.ts";
import type { EntitlementQuery } from "../../../providers/entitlements/management/entitlement-table.ts";
import { CursorError } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import type { Answer } from "../http/answer.ts";
import { invalid } from "../http/problem.ts";
import { otherCursor } from "../operations/list.ts";
import { pageWithin } from "../operations/page-within.ts";
import { checked } from "../schema/checked.ts";
import { PAGE } from "../schema/requests.ts";
import { recordsQuery } from "./requests.ts";
import { shownRecord } from "./shown-record.ts";
import { type EntitlementCall, exactQuery } from "./target.ts";

/** `GET /entitlements?issuer=&kind=&tenant=&limit=&cursor=`. There is no list of all: it would read the whole table. */
export async function listRecords({ request, records }: EntitlementCall): Promise<Answer> {
  const { limit = PAGE.default, cursor, ...filter } = checked(recordsQuery, exactQuery(request), "query");
  const query = queryOf(filter);
  const cursors = listCursor(filter);
  try {
    const page = await pageWithin(
      { limit, ...(cursor !== undefined && { cursor: cursors.read(cursor) }) },
      (options) => records.page(query, options),
      (each) => each.records.map(shownRecord),
    );
    const more = page.cursor === undefined ? {} : { cursor: cursors.write(page.cursor) };
    return { status: 200, body: { entitlements: page.records.map(shownRecord), ...more } };
  } catch (error) {
    throw error instanceof CursorError ? otherCursor() : error;
  }
}

interface Filter {
  readonly issuer?: string | undefined;
  readonly kind?: "subject" | "token" | undefined;
  readonly tenant?: string | undefined;
}

function queryOf({ issuer, kind, tenant }: Filter): EntitlementQuery {
  const allowed = "one of issuer and tenant: there is no list of all records";
  if (issuer === undefined && tenant === undefined) {
    throw invalid({ in: "query", field: "issuer", found: "nothing", allowed });
  }
  if (issuer !== undefined && tenant !== undefined) {
    throw invalid({ in: "query", field: "tenant", found: "an issuer beside it", allowed });
  }
  if (tenant === undefined) return { issuer: issuer ?? "", kind: kind ?? "subject" };
  if (kind === undefined) return { tenant };
  throw invalid({ in: "query", field: "kind", found: "a tenant beside it", allowed: "kind is for a list by issuer" });
}
