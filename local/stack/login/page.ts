import { escapeXml } from "../../../shared/infrastructure/xml/escape-xml.ts";

/** A page for a browser. */
export interface Page {
  readonly body: string;
  /** By default HTML. */
  readonly type?: string;
}

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:3rem auto;padding:0 1rem}pre{background:#f3f3f3;padding:1rem;overflow:auto}";

/** A document of HTML. @param body HTML, in which everything that a caller wrote is escaped */
export const documentOf = (title: string, body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${escapeXml(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
