import type { Principal } from "../principal/principal.ts";
import type { Party } from "./requirements.ts";

/**
 * Characters that stand for themselves in a path, in an ARN and to every backend: some cut a segment at `;`, or a dot
 * off its end.
 */
const SAFE_SEGMENT = /^(?!\.|.*\.\.)[A-Za-z0-9._~:@!,=+-]{1,128}(?<!\.)$/;

/** Paths that the values of one denied path may make; more are one path with `*` in the places of all placeholders. */
const MAX_PATHS = 64;

/**
 * A path with the values of a party in place of its placeholders, each one whole segment; undefined if one has no
 * usable value.
 */
export function fillPath(path: string, party: Party): string | undefined {
  const segments = path.split("/").map((segment) => {
    const name = placeholderIn(segment);
    if (name === undefined) return segment;
    const [value] = party.flatMap((principal) => factOf(name, principal) ?? []);
    return value !== undefined && isSegment(value) ? value : undefined;
  });
  return segments.includes(undefined) ? undefined : segments.join("/");
}

/**
 * Every path that a denying rule is for: a placeholder stands for the value of each principal, and for any value
 * where one principal has none, or none that is a segment.
 */
export function fillDeniedPath(path: string, principals: readonly Principal[]): string[] {
  const choices = path.split("/").map((segment) => {
    const name = placeholderIn(segment);
    return name === undefined ? [segment] : deniedValues(principals.map((principal) => factOf(name, principal)));
  });
  const count = choices.reduce((product, { length }) => product * length, 1);
  const bounded = count > MAX_PATHS ? choices.map((values) => (values.length > 1 ? ["*"] : values)) : choices;
  return bounded
    .reduce((starts, values) => starts.flatMap((start) => values.map((value) => [...start, value])), [[]] as string[][])
    .map((segments) => segments.join("/"));
}

function deniedValues(values: readonly (string | undefined)[]): string[] {
  const usable = values.filter((value) => value !== undefined && isSegment(value)) as string[];
  return usable.length === values.length ? [...new Set(usable)] : ["*"];
}

function placeholderIn(segment: string): string | undefined {
  return /^\{(.+)\}$/.exec(segment)?.[1];
}

const isSegment = (value: string) => SAFE_SEGMENT.test(value);

function factOf(name: string, { subject, kind, tenant, attributes }: Principal): string | undefined {
  if (name === "subject") return subject;
  if (name === "client") return kind === "client" ? subject : undefined;
  if (name === "tenant") return tenant;
  const attribute = name.slice("attributes.".length);
  return Object.hasOwn(attributes, attribute) ? String(attributes[attribute]) : undefined;
}
