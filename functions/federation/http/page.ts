import { createHash } from "node:crypto";
import { escapeXml } from "../../../shared/infrastructure/xml/escape-xml.ts";
import type { Answer } from "./answer.ts";

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code{font-size:.9em}";
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Who has to mend what led to the page. */
export type Side = "user" | "application" | "identity provider" | "this service";

const ADVICE: Readonly<Record<Side, string>> = {
  user: "Go back to the application, and log in again.",
  application: "Tell the people who run the application.",
  "identity provider": "Tell your organisation's administrator of logins.",
  "this service": "Try again in a moment. If it stays so, tell the people who run the application.",
};

/** What a page of an error says. Each text is our own, or is escaped. */
export interface ErrorPage {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly side: Side;
  /** A stable code, for the documentation. */
  readonly reason: string;
  /** What the log has too. */
  readonly reference: string | undefined;
}

/** A plain page for a person whose login cannot go on, and cannot be sent back to an application. */
export const pageAnswer = ({ status, title, text, side, reason, reference }: ErrorPage): Answer => ({
  status,
  headers: htmlHeaders("default-src 'none'"),
  body: documentOf(
    title,
    `<h1>${escapeXml(title)}</h1><p>${escapeXml(text)}</p><p>${ADVICE[side]}</p>` +
      `<p>Reason: <code>${escapeXml(reason)}</code>` +
      `${reference === undefined ? "" : `, reference: <code>${escapeXml(reference)}</code>`}</p>`,
  ),
  log: { reason, side },
});

const SUBMIT = "document.forms[0].submit()";
const SUBMIT_HASH = createHash("sha256").update(SUBMIT).digest("base64");

/**
 * A page that posts a form to an identity provider (SAML bindings 3.5). The button is for browsers without scripts.
 *
 * @param action URL from the configuration
 */
export const formAnswer = (action: string, fields: Readonly<Record<string, string>>): Answer => ({
  status: 200,
  // No `form-action`: the identity provider may redirect the post to another origin of its own.
  headers: htmlHeaders(`default-src 'none'; script-src 'sha256-${SUBMIT_HASH}'`),
  body: documentOf(
    "Login",
    `<form method="post" action="${escapeXml(action)}">` +
      Object.entries(fields)
        .map(([name, value]) => `<input type="hidden" name="${escapeXml(name)}" value="${escapeXml(value)}">`)
        .join("") +
      `<p>You are sent to your organisation's login.</p><button>Continue</button></form><script>${SUBMIT}</script>`,
  ),
});

const htmlHeaders = (policy: string) => ({
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": `${policy}; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
  "X-Frame-Options": "DENY",
});

const documentOf = (title: string, body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${escapeXml(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
