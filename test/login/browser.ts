import { type Browser, chromium } from "playwright-core";

/** The path of a Chromium. Without it the tests in a browser are skipped. */
export const CHROMIUM = process.env.CHROMIUM ?? "";

/** Milliseconds within which a page has to show what is expected. The first request starts functions. */
export const PATIENCE = 30_000;

/** Starts a Chromium without a window. Each test has a context of its own: cookies and tabs of another person. */
export const startBrowser = (): Promise<Browser> =>
  // In a container the user may be root, which Chromium refuses with its sandbox.
  chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
