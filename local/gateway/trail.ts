import { performance } from "node:perf_hooks";
import type { Answer } from "../hosts/host.ts";

/** What an authorizer logged of its decision. It holds nothing that a caller wrote. */
export interface Decision {
  readonly outcome?: string;
  readonly reason?: string;
  /** Names of the rules that apply to the caller. */
  readonly rules?: readonly string[];
}

/** A request that was answered. It holds no credential: no header, no query, and no part of the path that may be one. */
export interface RequestRecord extends Decision {
  /** Logical id of the API. */
  readonly api: string;
  /** When the request came, in milliseconds since the epoch. */
  readonly time: number;
  /** The method; `CONNECT` and `MESSAGE` of a WebSocket. */
  readonly method: string;
  /** The path as it was called, or the route of a message. */
  readonly path: string;
  readonly status: number;
  /** `allow`, `deny`, `unauthenticated`, `unavailable`; `open` without an authorizer; `refused` or `error` otherwise. */
  readonly outcome: string;
  /** What decided: the authorizer's function, its cached output, or the gateway alone. */
  readonly by: "function" | "cache" | "gateway";
  /** Milliseconds until the answer. */
  readonly duration: number;
}

/** Gets every request that a gateway has answered. */
export type OnRequest = (record: RequestRecord) => void;

/** The way of one request through the gateway, as far as it has gone. */
export class Trail {
  readonly #started = performance.now();
  readonly #api: string;
  readonly #time: number;
  #method = "";
  #path = "";
  #by: RequestRecord["by"] = "gateway";
  #decision: Decision = {};

  /** @param time milliseconds since the epoch */
  constructor(api: string, time: number) {
    this.#api = api;
    this.#time = time;
  }

  /** What was asked for. */
  asks(method: string, path: string, hasQuery = false): void {
    // Node.js knows every method of a request line, but X-HTTP-Method-Override may hold any text.
    this.#method = /^[A-Z]{1,20}$/.test(method) ? method : "?";
    this.#path = `${path.split("/").map(shownSegment).join("/")}${hasQuery ? "?…" : ""}`;
  }

  /** Who decided, and what it told of its decision. */
  decidedBy(by: RequestRecord["by"], decision: Decision = {}): void {
    this.#by = by;
    this.#decision = decision;
  }

  /** Changes the outcome: the authorizer's own reason stays if it explains the same outcome. */
  ends(outcome: string, reason?: string): void {
    const { rules } = this.#decision;
    const known = this.#decision.outcome === outcome ? this.#decision.reason : undefined;
    const told = known ?? reason;
    this.#decision = { outcome, ...(told !== undefined && { reason: told }), ...(rules && { rules }) };
  }

  /**
   * Says why a backend answered so, if nothing else gave a reason: the code of its problem (RFC 9457), or the reason or
   * error of the login's log.
   */
  answers(contentType: unknown, body: unknown, log: Answer["log"] = []): void {
    const code = problemIn(contentType, body) ?? reasonIn(log);
    if (code !== undefined) this.#decision = { reason: code, ...this.#decision };
  }

  /** The record of the request with the status of its answer. */
  record(status: number): RequestRecord {
    return {
      api: this.#api,
      time: this.#time,
      method: this.#method,
      path: this.#path,
      status,
      by: this.#by,
      duration: performance.now() - this.#started,
      ...this.#decision,
      outcome: this.#decision.outcome ?? (status < 400 ? "open" : "refused"),
    };
  }
}

/**
 * The decision in what an authorizer logged; empty if it is not Sallyport or logs no decision. Any other function may
 * log anything: only texts of the form of Sallyport's outcomes, reasons and names are taken.
 */
export function decisionIn(log: Answer["log"] = []): Decision {
  const { outcome, reason, rules } = log.find((line) => "outcome" in line && "message" in line) ?? {};
  return {
    ...(isName(outcome) && { outcome }),
    ...(isName(reason) && { reason }),
    ...(Array.isArray(rules) && { rules: rules.filter(isName) }),
  };
}

/** The last part of a problem's type: `version-conflict` of `urn:sallyport:problem:version-conflict`. */
function problemIn(contentType: unknown, body: unknown): string | undefined {
  if (typeof body !== "string" || !/^application\/problem\+json\b/.test(String(contentType))) return undefined;
  try {
    const code = String((JSON.parse(body) as { type?: unknown }).type)
      .split(/[:/]/)
      .at(-1);
    return isName(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Why the login refused a request: its reason, or else the error of OAuth 2.0. */
function reasonIn(log: Answer["log"]): string | undefined {
  const { reason, error } = log.find((line) => "routeKey" in line && "status" in line) ?? {};
  return [reason, error].find(isName);
}

const isName = (value: unknown): value is string => typeof value === "string" && /^[A-Za-z][\w-]{0,63}$/.test(value);

/** A segment of a path. A long one, or one with dots or underscores as a token or a key has, may be a credential. */
function shownSegment(segment: string): string {
  const isToken = segment.length > 40 || /^[\w-]{8,}\.[\w-]{2,}\.|^[a-z0-9]{2,16}_[a-z0-9]{2,16}_/.test(segment);
  return isToken ? "…" : segment;
}
