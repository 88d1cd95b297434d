import { parseStrictObject } from "../../../shared/infrastructure/json/strict-json.ts";
import { type Expectation, expectation } from "./expectation.ts";
import type { RejectedToken } from "./jwt-case.ts";

const NUMBER = "a number of seconds since the epoch";

/** What is wrong with the form of a token that cannot be read. Nothing of it is shown. */
export function formExpectations(text: string): Expectation[] {
  const segments = text.split(".");
  if (segments.length !== 3) {
    const found = `${segments.length} ${segments.length === 1 ? "segment" : "segments"}${KINDS[segments.length] ?? ""}`;
    return [{ of: "form", expected: "a signed JWT: header.payload.signature", found }];
  }
  return ["header", "payload", "signature"].flatMap((of, index) => problemOf(of, segments[index] ?? ""));
}

const KINDS: Readonly<Record<number, string>> = {
  2: ", as of a token that is cut off",
  5: ", as of an encrypted JWT",
};

function problemOf(of: string, segment: string): Expectation[] {
  const bytes = Buffer.from(segment, "base64url");
  if (segment === "") return [{ of, expected: "base64url", found: "an empty segment" }];
  if (bytes.toString("base64url") !== segment) {
    return [
      { of, expected: "base64url without padding", found: "characters that are not, or spare bits: it may be cut off" },
    ];
  }
  if (of === "signature") return [];
  try {
    parseStrictObject(bytes);
    return [];
  } catch (error) {
    const found = error instanceof SyntaxError ? error.message : "something else";
    return [{ of, expected: "a JSON object without duplicate members", found }];
  }
}

/** Header parameters and claims of a token that are of the wrong type. */
export function valueExpectations({ header, payload }: RejectedToken): Expectation[] {
  const dates = (["exp", "nbf", "iat"] as const).filter(
    (name) => payload[name] !== undefined && !isDate(payload[name]),
  );
  const audiences = [payload.aud ?? []].flat();
  const isKidValid = header.kid === undefined || (typeof header.kid === "string" && header.kid.length <= 256);
  return [
    ...dates.map((name) => ({ ...expectation(name, NUMBER, payload[name]), found: typed(payload[name]) })),
    ...(audiences.every((each) => typeof each === "string")
      ? []
      : [expectation("aud", "a text, or a list of texts", payload.aud)]),
    ...(isKidValid ? [] : [{ of: "kid", expected: "a text of at most 256 characters", found: typed(header.kid) }]),
  ];
}

const isDate = (value: unknown) => typeof value === "number" && value >= 0 && value <= 253_402_300_799;

function typed(value: unknown): string {
  if (typeof value === "number") return `${value}${value > 1e11 ? ", which is in milliseconds" : ""}`;
  return typeof value === "string" ? "a text" : expectation("", "", value).found;
}
