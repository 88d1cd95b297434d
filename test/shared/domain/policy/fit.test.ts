import { describe, expect, test } from "vitest";
import { evaluate } from "../../../../iam/evaluate.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { instant } from "../../../../shared/domain/policy/document.ts";
import { fitPolicy } from "../../../../shared/domain/policy/fit.ts";
import { grantsFor } from "../../../../shared/domain/policy/grants.ts";
import { API, callerOf, configOf, NOW, requestFor } from "../../../fixtures.ts";

type Rule = SallyportConfig["routes"][number];

const BOUNDS = { end: NOW + 3600, explicitDeny: true };
const clock = (minute: number) => `10:${String(minute).padStart(2, "0")}`;

/** From ten o'clock on, when tests play: open in every second minute. */
const blinking = (name: string, count: number): Rule => ({
  name,
  methods: ["GET"],
  paths: [`/${name}`],
  windows: Array.from({ length: count }, (_, index) => ({ from: clock(index * 2), until: clock(index * 2 + 1) })),
});

function fitted(routes: Rule[], room: number) {
  const grants = grantsFor(callerOf(), configOf({ routes }), { start: NOW, end: BOUNDS.end });
  return fitPolicy(requestFor("GET", "/a"), grants, BOUNDS, () => room);
}

const effectAt = (policy: ReturnType<typeof fitted>, minute: number) =>
  evaluate(policy, {
    resource: `${API}/prod/GET/a`,
    context: { "aws:currenttime": instant(NOW + minute * 60), "aws:sourceip": "203.0.113.7" },
  }).effect;

describe("a policy with many windows", () => {
  test("that fits says when each of them is open", () => {
    const policy = fitted([blinking("a", 5)], 8192);
    for (let minute = 0; minute < 60; minute++) {
      expect(effectAt(policy, minute), `minute ${minute}`).toBe(
        minute < 10 && minute % 2 === 0 ? "allow" : "explicit-deny",
      );
    }
  });

  test("that does not fit ends where a window opens or closes, as late as there is room for", () => {
    const routes = [blinking("a", 29)];
    const policy = fitted(routes, 8192);
    const length = JSON.stringify(policy).length;
    expect(length).toBeLessThanOrEqual(8192);
    const open = Array.from({ length: 60 }, (_, minute) => effectAt(policy, minute) === "allow");
    const last = open.lastIndexOf(true);
    expect(last).toBeGreaterThan(6);
    expect(open.slice(0, last + 1)).toEqual(open.slice(0, last + 1).map((_, minute) => minute % 2 === 0));
    // One change more would have been too much.
    const longer = fitted(routes, 8192 + 400);
    expect(JSON.stringify(longer).length).toBeGreaterThan(8192);
  });

  test("that has just the room it needs is not shortened, and ends with the credential", () => {
    const routes: Rule[] = [blinking("a", 5), { name: "always", methods: ["GET"], paths: ["/a"] }];
    const length = JSON.stringify(fitted(routes, 8192)).length;
    expect(effectAt(fitted(routes, length), 59)).toBe("allow");
    expect(effectAt(fitted(routes, length - 1), 59)).toBe("explicit-deny");
  });

  test("that would have more parts than a policy has room for ends earlier, and is no trouble", () => {
    const somewhere = (name: string, addresses: string[]): Rule => ({ ...blinking(name, 29), addresses });
    const policy = fitted(
      [somewhere("a", ["203.0.113.0/24"]), somewhere("b", ["10.0.0.0/8"]), blinking("c", 29)],
      8192,
    );
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(8192);
    expect([0, 1, 2, 3].map((minute) => effectAt(policy, minute))).toEqual([
      "allow",
      "explicit-deny",
      "allow",
      "explicit-deny",
    ]);
  });

  test("ends at an early change of a later rule, where there is no room for the changes of an earlier one", () => {
    const late: Rule = {
      ...blinking("b", 14),
      windows: Array.from({ length: 14 }, (_, index) => ({
        from: clock(30 + index * 2),
        until: clock(31 + index * 2),
      })),
    };
    const policy = fitted([late, blinking("a", 14)], 4000);
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(4000);
    expect(effectAt(policy, 4)).toBe("allow");
  });

  test("that has windows in many rules has an answer in each of them", () => {
    const shifted = (name: string, from: number): Rule => ({
      name,
      methods: ["GET"],
      paths: [`/${name}`],
      windows: Array.from({ length: 20 }, (_, index) => ({
        from: clock(from + index * 2),
        until: clock(from + index * 2 + 1),
      })),
    });
    const policy = fitted([shifted("b", 10), shifted("a", 0), shifted("c", 20)], 8192);
    expect([0, 1, 2, 3].map((minute) => effectAt(policy, minute))).toEqual([
      "allow",
      "explicit-deny",
      "allow",
      "explicit-deny",
    ]);
  });

  test("of several rules ends at the last change that it has room for, whichever rule it comes from", () => {
    const later: Rule = { ...blinking("b", 29), name: "a-first" };
    const policy = fitted([later, blinking("a", 5)], 4000);
    expect([0, 1, 2, 3, 4].map((minute) => effectAt(policy, minute))).toEqual([
      "allow",
      "explicit-deny",
      "allow",
      "explicit-deny",
      "allow",
    ]);
  });

  test("that overlap on one path has an answer at every instant", () => {
    const windows = (from: string, until: string) => [{ from, until }];
    const routes: Rule[] = [
      { name: "one", methods: ["GET"], paths: ["/*"], windows: windows("09:00", "10:20") },
      { name: "two", methods: ["GET"], paths: ["/a"], windows: windows("09:30", "10:30") },
      { name: "three", methods: ["GET"], paths: ["/a*"], windows: windows("10:10", "10:40") },
      { name: "four", methods: ["GET"], paths: ["/*a"], windows: windows("10:15", "10:50") },
    ];
    const policy = fitted(routes, 8192);
    expect(Array.from({ length: 6 }, (_, ten) => effectAt(policy, ten * 10))).toEqual([
      "allow",
      "allow",
      "allow",
      "allow",
      "allow",
      "explicit-deny",
    ]);
  });

  test("is the shortest there is where not even one instant of it fits: the response refuses it", () => {
    const policy = fitted([blinking("a", 29)], 100);
    expect([0, 1, 2].map((minute) => effectAt(policy, minute))).toEqual(["allow", "explicit-deny", "explicit-deny"]);
    expect(JSON.stringify(policy)).toContain("10:01:00Z");
  });
});
