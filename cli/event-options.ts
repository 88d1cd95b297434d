/** Options that choose what an event asks for, from where and when, for `parseArgs`. */
export const EVENT_OPTIONS = {
  api: { type: "string" },
  method: { type: "string" },
  path: { type: "string" },
  address: { type: "string" },
  stage: { type: "string" },
  time: { type: "string" },
} as const;

/** The instant that `--time` names, in seconds since the epoch; undefined without one. @throws {Error} */
export function readTime(text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d{1,11}$/.test(text)) throw new Error("--time takes seconds since the epoch.");
  return text === undefined ? undefined : Number(text);
}
