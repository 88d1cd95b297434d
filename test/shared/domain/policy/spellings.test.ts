import { describe, expect, test } from "vitest";
import { evaluate } from "../../../../iam/evaluate.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { compilePolicy } from "../../../../shared/domain/policy/compile.ts";
import { refusalOf } from "../../../../shared/domain/policy/covers-request.ts";
import { instant } from "../../../../shared/domain/policy/document.ts";
import { grantsFor } from "../../../../shared/domain/policy/grants.ts";
import { resourceOnStage } from "../../../../shared/domain/resource/arn.ts";
import { callerOf, configOf, NOW, requestFor } from "../../../fixtures.ts";

type Rule = SallyportConfig["routes"][number];

const PERIOD = { start: NOW, end: NOW + 600 };

/**
 * What a caller of these rules may do with a path as it stands in the ARN: by the policy, which must agree with a
 * fresh decision.
 */
function outcome(rules: Rule[], method: string, path: string): "allowed" | "refused" {
  const grants = grantsFor(callerOf(), configOf({ routes: rules }), PERIOD);
  const request = requestFor("GET", "/asked");
  const policy = compilePolicy(request, grants, { end: PERIOD.end, explicitDeny: true });
  // A path that holds what stands for a pattern in IAM is no different as a request.
  const resource = `${resourceOnStage(request.resource, "", "")}${method}${path}`;
  const context = { "aws:currenttime": instant(NOW), "aws:sourceip": "203.0.113.7" };
  const allowed = evaluate(policy, { resource, context }).effect === "allow";
  expect(refusalOf(requestFor(method, path), grants, undefined) === undefined, `${method} ${path}`).toBe(allowed);
  return allowed ? "allowed" : "refused";
}

const files: Rule = { name: "admin", methods: ["GET"], paths: ["/admin/*"] };
const audit: Rule = { name: "audit", effect: "deny", methods: ["GET"], paths: ["/admin/audit", "/admin/audit/*"] };

/** The path as it was sent, decoded once, and decoded twice: what stands in the ARN nobody has captured. */
function readings(sent: string): string[] {
  const decode = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  return [...new Set([sent, decode(sent), decode(decode(sent))])];
}

describe("a denial below an allowing wildcard", () => {
  test.each([
    "/admin/audit",
    "/admin/audit/",
    "/admin//audit",
    "/admin/./audit",
    "/admin/x/../audit",
    "/admin/audit/.",
    "/admin/audit/x/..",
    "/admin/%61udit",
    "/admin/%2561udit",
    "/admin/x%2F..%2Faudit",
    "/admin/x%252F..%252Faudit",
    "/admin/%2e/audit",
    "/admin/%252e%252e/admin/audit",
    "/admin%2Faudit",
    "/admin/audit%2F",
    "/admin/audit;x=1",
    "/admin/;/audit",
    "/admin/audit%3Bx",
    "/admin\\audit",
    "/admin/x%5Caudit",
    "/admin/audit#x",
    "/admin/audit%23x",
    "/admin/audit ",
    "/admin/audit%20",
  ])("refuses %s, as it was sent, decoded once and decoded twice", (sent) => {
    for (const path of readings(sent)) {
      // Decoded twice, what is left may be a path that no rule allows, but never one that is allowed.
      expect(outcome([files, audit], "GET", path), path).toBe("refused");
    }
  });

  test.each(["/admin/users", "/admin/users/1", "/admin/audits-of-others", "/admin/a.b", "/admin/@x:y,z=1+2~!"])(
    "leaves %s open",
    (path) => {
      expect(outcome([files, audit], "GET", path)).toBe("allowed");
    },
  );

  test("closes nothing where no denial overlaps the wildcard", () => {
    const elsewhere: Rule = { ...audit, methods: ["DELETE"] };
    expect(outcome([files, elsewhere], "GET", "/admin/a%20b")).toBe("allowed");
    expect(outcome([files], "GET", "/admin/a%20b")).toBe("allowed");
  });

  test("does not take the root for another spelling", () => {
    const rules: Rule[] = [{ name: "all", methods: ["GET"], paths: ["/*"] }, audit];
    expect(outcome(rules, "GET", "/")).toBe("allowed");
    expect(outcome(rules, "GET", "/x/")).toBe("refused");
    expect(outcome(rules, "GET", "//admin/audit")).toBe("refused");
  });

  test("of one path closes that path with a slash behind it", () => {
    const exact: Rule = { ...audit, paths: ["/admin/audit"] };
    expect(outcome([files, exact], "GET", "/admin/audit/")).toBe("refused");
    expect(outcome([files, exact], "GET", "/admin/")).toBe("refused");
  });

  test("leaves the spellings open that another rule allows elsewhere", () => {
    const elsewhere: Rule = { name: "texts", methods: ["GET"], paths: ["/texts/*"] };
    for (const path of ["/texts/a%20b", "/texts/a;b", "/texts/a//b", "/texts/a/"]) {
      expect(outcome([files, elsewhere, audit], "GET", path), path).toBe("allowed");
    }
  });

  test("closes other spellings where the wildcard is for every method", () => {
    const everything: Rule = { name: "all", methods: "ANY", paths: ["/*"] };
    expect(outcome([everything, audit], "GET", "/admin//audit")).toBe("refused");
    expect(outcome([everything, audit], "GET", "/admin/%61udit")).toBe("refused");
  });

  test("keeps to its routes where rules allow no wildcard beside it", () => {
    const exact: Rule = { name: "exact", methods: ["GET"], paths: ["/admin/audit", "/b"] };
    const elsewhere: Rule = { name: "texts", methods: ["GET"], paths: ["/texts/*"] };
    const [, , denial] = grantsFor(callerOf(), configOf({ routes: [exact, elsewhere, audit] }), PERIOD);
    expect(denial?.routes.map(({ path }) => path)).toEqual(["/admin/audit", "/admin/audit/*"]);
  });

  test("holds while the denial does", () => {
    const later: Rule = { ...audit, windows: [{ notBefore: new Date((NOW + 60) * 1000).toISOString() }] };
    expect(outcome([files, later], "GET", "/admin/%61udit")).toBe("allowed");
  });

  test("of a value that cannot be filled in closes the other spellings too", () => {
    const own: Rule = { name: "own", effect: "deny", methods: ["GET"], paths: ["/admin/{client}/secret"] };
    expect(outcome([files, own], "GET", "/admin/anybody/secret")).toBe("refused");
    expect(outcome([files, own], "GET", "/admin/anybody/%73ecret")).toBe("refused");
  });
});

describe("an allowing wildcard", () => {
  const other: Rule = { name: "other", effect: "deny", methods: ["GET"], paths: ["/vault/*"] };

  test.each([
    "/admin/../vault/x",
    "/admin/x/..",
    "/admin/..%2Fvault/x",
    "/admin/%2e%2e/vault/x",
    "/admin/%252E%252e/vault/x",
    "/admin/%2E%2E/vault/x",
    "/admin/%25%32%65%25%32%65/vault/x",
    "/admin/%25252e%25252e/vault/x",
    "/admin/..;/vault/x",
    "/admin\\..\\vault\\x",
  ])("does not let a path climb out of it, with or without a denial elsewhere: %s", (sent) => {
    for (const path of readings(sent)) {
      expect(outcome([files], "GET", path), path).toBe("refused");
      expect(outcome([files, other], "GET", path), path).toBe("refused");
    }
  });

  test("leaves other spellings open where no denial overlaps it", () => {
    expect(outcome([files, other], "GET", "/admin/a%20b")).toBe("allowed");
  });
});

test.each(["/a//b", "/a/./b", "/a/../b", "/a/b..c", "/a/.", "/a/.."])("%s is no path for a rule", (path) => {
  expect(() => configOf({ routes: [{ ...files, paths: [path] }] })).toThrow("plain spelling");
});

describe("encodedPaths", () => {
  const permitting: Rule = { ...files, encodedPaths: true };

  test.each(["/admin/a%20b", "/admin/a;b", "/admin/a#b", "/admin/a b"])("permits %s", (path) => {
    expect(outcome([permitting, audit], "GET", path)).toBe("allowed");
    expect(outcome([files, audit], "GET", path)).toBe("refused");
  });

  test.each([
    "/admin/audit",
    "/admin//audit",
    "/admin/./audit",
    "/admin/x/../audit",
    "/admin/%2e/audit",
    "/admin\\audit",
  ])("still refuses %s", (path) => {
    expect(outcome([permitting, audit], "GET", path)).toBe("refused");
  });

  test("is for its own rule: another rule's wildcard in the same place keeps the denial", () => {
    expect(outcome([permitting, { ...files, name: "second" }, audit], "GET", "/admin/a%20b")).toBe("refused");
  });

  test("is a mistake in a denying rule", () => {
    expect(() => configOf({ routes: [{ ...audit, encodedPaths: true }] })).toThrow("encodedPaths");
  });
});

describe("a denial of ANY", () => {
  const everything: Rule = { name: "all", methods: "ANY", paths: ["/*"] };
  const none: Rule = { ...audit, methods: "ANY" };

  test("denies methods that have no name here, where the wildcard allows them", () => {
    expect(outcome([everything, none], "PROPFIND", "/admin/audit")).toBe("refused");
    expect(outcome([everything, none], "GET", "/admin/audit/1")).toBe("refused");
    expect(outcome([everything, none], "PROPFIND", "/other")).toBe("allowed");
  });

  test("denies them also where another rule allows some methods only", () => {
    expect(outcome([files, everything, none], "PROPFIND", "/admin/audit")).toBe("refused");
  });

  test("also denies longer paths that end alike, because IAM's wildcard crosses the slash behind the method", () => {
    expect(outcome([everything, none], "GET", "/x/admin/audit")).toBe("refused");
  });

  test("denies by name where no wildcard allows every method", () => {
    expect(outcome([{ ...files, paths: ["/x/*", "/admin/*"] }, none], "GET", "/x/admin/audit")).toBe("allowed");
  });
});

describe("caseInsensitivePaths", () => {
  const policy = { caseInsensitivePaths: true };

  test.each<[string, string, boolean]>([
    ["/admin/audit", "/admin/*", true],
    ["/admin/audit", "/ADMIN/*", true],
    ["/admin/*", "/Admin/users", true],
    ["/users/root", "/users/{subject}", true],
    ["/admin/audit", "/Admin/Audit", true],
    ["/admin/audit", "/admin/audit", false],
    ["/admin/audit", "/files/*", false],
  ])("a denial of %s beside an allowed %s is a mistake: %s", (denied, allowed, isMistake) => {
    const routes: Rule[] = [
      { name: "open", methods: ["GET"], paths: [allowed] },
      { name: "closed", effect: "deny", methods: ["GET"], paths: [denied] },
    ];
    const parse = () => configOf({ policy, routes });
    if (isMistake) expect(parse).toThrow(/^(?=.*routes)(?=.*"closed")(?=.*"open")/ms);
    else expect(parse).not.toThrow();
    expect(() => configOf({ routes })).not.toThrow();
  });
});
