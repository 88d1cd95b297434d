import { expect, test } from "vitest";
import { overlapNotes } from "../../../cli/config/overlap-notes.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf } from "../../fixtures.ts";

type Rule = SallyportConfig["routes"][number];
const admin: Rule = { name: "admin", methods: ["GET"], paths: ["/admin/*"] };
const audit: Rule = { name: "audit", effect: "deny", methods: ["GET"], paths: ["/admin/audit", "/admin/audit/*"] };

test("lists a denial below a wildcard once, with both rules and the bytes it takes", () => {
  const [note, ...others] = overlapNotes(configOf({ routes: [admin, audit] }));
  expect(others).toEqual([]);
  expect(note).toMatchObject({ path: "routes[1] (audit)", isWarning: false });
  expect(note?.message).toContain('"/admin/*" of "admin"');
  const bytes = Number(/takes (\d+) bytes/.exec(note?.message ?? "")?.[1]);
  expect(bytes).toBeGreaterThan(800);
  expect(bytes).toBeLessThanOrEqual(1200);
});

test("warns when the allowing rule permits encoded paths, because a caller can bypass the denial", () => {
  expect(overlapNotes(configOf({ routes: [{ ...admin, encodedPaths: true }, audit] }))).toEqual([
    expect.objectContaining({ isWarning: true, message: expect.stringContaining("bypass this denial") }),
  ]);
});

test("ignores a denial that no wildcard overlaps, or for other methods", () => {
  expect(overlapNotes(configOf({ routes: [{ ...admin, paths: ["/admin/audit"] }, audit] }))).toEqual([]);
  expect(overlapNotes(configOf({ routes: [admin, { ...audit, methods: ["DELETE"] }] }))).toEqual([]);
});
