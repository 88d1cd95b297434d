import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../http/http-request.ts";

/*
 * The cookie that binds a login to the browser that began it (RFC 9700 section 4.7): who posts an assertion into another
 * browser has not its cookie. `__Host-` keeps other hosts of the domain from setting it. The answer comes as a post from
 * another site, so it cannot be SameSite=Lax. Each login has a cookie of its own, so that two tabs do not disturb each
 * other. As another site may begin logins, they are few: API Gateway refuses a request whose headers are too long.
 */

const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=None";

const PREFIX = "__Host-login-";

/** Logins that a browser has at a time. */
const MAX_LOGINS = 8;

/** Cookies that one answer clears: its headers have a limit too. The next login clears more. */
const MAX_CLEARED = 40;

const nameOf = (handle: string) => `${PREFIX}${createHash("sha256").update(handle).digest("base64url").slice(0, 10)}`;

export const hashOf = (value: string): string => createHash("sha256").update(value).digest("base64url");

/** `Set-Cookie` for a login that begins. */
export const flowCookie = (handle: string, value: string, maxAge: number): string =>
  `${nameOf(handle)}=${value}; Max-Age=${maxAge}; ${ATTRIBUTES}`;

/** `Set-Cookie` for a login that has ended. */
export const clearedCookie = (handle: string): string => cleared(nameOf(handle));

const cleared = (name: string) => `${name}=; Max-Age=0; ${ATTRIBUTES}`;

/** `Set-Cookie` for the oldest logins of a browser, if another one is too many. */
export function clearedOldest(request: HttpRequest): string[] {
  const names = request
    .cookieNames()
    .filter((name) => name.startsWith(PREFIX) && /^[\w-]{10}$/.test(name.slice(PREFIX.length)));
  return [...new Set(names)]
    .slice(0, -(MAX_LOGINS - 1))
    .slice(0, MAX_CLEARED)
    .map(cleared);
}

/** Whether the browser of a request is the one that began the login. A second cookie of the name is somebody else's. */
export function isSameBrowser(request: HttpRequest, handle: string, cookieHash: string): boolean {
  const values = request.cookies(nameOf(handle));
  const [value] = values;
  if (values.length !== 1 || value === undefined) return false;
  const [given, expected] = [Buffer.from(hashOf(value)), Buffer.from(cookieHash)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
