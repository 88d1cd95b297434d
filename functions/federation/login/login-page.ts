import type { Answer } from "../http/answer.ts";
import { type ErrorPage, pageAnswer } from "../http/page.ts";

/** Why a login ends on a page of ours: there is no application that is known to have asked for it. */
const PAGES = {
  connection_unknown: {
    ...{ status: 404, side: "identity provider" },
    text: "There is no connection at this address. Either it was mistyped, or the connection has another name now.",
  },
  answer_unreadable: {
    ...{ status: 400, side: "identity provider" },
    text: "Your organisation's login sent an answer that cannot be read.",
  },
  login_unknown: {
    ...{ status: 400, side: "user" },
    text: "This login has ended, or took too long. A page that was reloaded, or the button `back`, leads here too.",
  },
  login_unsolicited: {
    ...{ status: 400, side: "user" },
    text: "Logins begin in the application, not in your organisation's portal.",
  },
  browser_mismatch: {
    ...{ status: 400, side: "user" },
    text: "This login was begun in another browser, or your browser did not send the cookie of the login.",
  },
  connection_mismatch: {
    ...{ status: 400, side: "identity provider" },
    text: "The answer came from another organisation's login than the one that was asked.",
  },
  login_unavailable: {
    ...{ status: 503, side: "this service" },
    text: "The login cannot be completed now.",
  },
} as const satisfies Readonly<Record<string, Pick<ErrorPage, "status" | "side" | "text">>>;

export type LoginReason = keyof typeof PAGES;
export const LOGIN_PAGE_REASONS = Object.keys(PAGES) as LoginReason[];

/** The page of a reason. @param reference the request, as the log names it */
export const loginPage = (reason: LoginReason, reference: string | undefined): Answer =>
  pageAnswer({ title: "The login did not succeed", ...PAGES[reason], reason, reference });
