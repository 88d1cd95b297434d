import type { TargetInput } from "../resources.ts";
import type { BusEvent } from "./event.ts";

/** What a target gets of an event: the event, a part of it, a fixed text, or a text with parts of it. As JSON. */
export function inputFor(event: BusEvent, input: TargetInput | undefined): string {
  if (input === undefined) return JSON.stringify(event);
  if ("text" in input) return input.text;
  if ("path" in input) return JSON.stringify(atPath(event, input.path) ?? null);
  const values = Object.entries(input.paths).map(([name, path]): [string, unknown] => [name, atPath(event, path)]);
  const known = new Map<string, unknown>([...values, ["aws.events.event.json", event], ["aws.events.event", event]]);
  return input.template.replace(/<([\w.-]+)>/g, (whole, name: string, offset: number) => {
    if (!known.has(name)) return whole;
    const value = known.get(name) ?? "";
    return isQuoted(input.template, offset) ? withinText(value) : JSON.stringify(value);
  });
}

/** Whether a place of a JSON text is inside quotes. */
const isQuoted = (text: string, offset: number) => (text.slice(0, offset).match(/(?<!\\)"/g) ?? []).length % 2 === 1;

/** A value inside quotes: a text as it is, and anything else as its JSON. */
const withinText = (value: unknown) =>
  JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);

/** A value by its path, `$.detail.key.id`. */
function atPath(event: object, path: string): unknown {
  const names = path === "$" ? [] : path.replace(/^\$\./, "").split(".");
  let value: unknown = event;
  for (const name of names) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
