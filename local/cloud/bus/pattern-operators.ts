import ipaddr from "ipaddr.js";

/** A value that a pattern allows: itself, or an object with one operator. */
export type Matcher = string | number | boolean | null | Readonly<Record<string, unknown>>;

/** An operator: whether its argument is one, and whether a value matches. An absent value is undefined. */
interface Operator {
  readonly takes: (argument: unknown) => boolean;
  readonly matches: (argument: unknown, value: unknown) => boolean;
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";
const ignoringCase = (argument: unknown) => (Object(argument) as Record<string, unknown>)["equals-ignore-case"];

/** `prefix` and `suffix`: the argument is a text, or `{ "equals-ignore-case": text }`. */
const affix = (test: (value: string, affix: string) => boolean): Operator => ({
  takes: (argument) => isText(argument) || isText(ignoringCase(argument)),
  matches: (argument, value) => {
    if (!isText(value)) return false;
    const folded = ignoringCase(argument);
    return isText(folded) ? test(value.toLowerCase(), folded.toLowerCase()) : test(value, String(argument));
  },
});

const TEXT_OPERATORS: Readonly<Record<string, Operator>> = {
  prefix: affix((value, text) => value.startsWith(text)),
  suffix: affix((value, text) => value.endsWith(text)),
  "equals-ignore-case": {
    takes: isText,
    matches: (argument, value) => isText(value) && value.toLowerCase() === String(argument).toLowerCase(),
  },
  wildcard: { takes: isText, matches: (argument, value) => isText(value) && wildcard(String(argument)).test(value) },
};

const OPERATORS: Readonly<Record<string, Operator>> = {
  ...TEXT_OPERATORS,
  exists: {
    takes: (argument) => typeof argument === "boolean",
    matches: (wanted, value) => (value !== undefined) === wanted,
  },
  "anything-but": {
    takes: (argument) => {
      const [name, inner] = single(argument) ?? [];
      if (name === undefined)
        return listed(argument).length > 0 && listed(argument).every((one) => isText(one) || isNumber(one));
      return Object.hasOwn(TEXT_OPERATORS, name) && listed(inner).every((one) => TEXT_OPERATORS[name]?.takes(one));
    },
    matches: (argument, value) => {
      if (value === undefined) return false;
      const [name, inner] = single(argument) ?? [];
      if (name === undefined) return !listed(argument).includes(value);
      return !listed(inner).some((one) => TEXT_OPERATORS[name]?.matches(one, value));
    },
  },
  numeric: {
    takes: isComparison,
    matches: (argument, value) => isNumber(value) && compares(argument as unknown[], value),
  },
  cidr: {
    takes: (argument) => isText(argument) && ipaddr.isValidCIDR(argument),
    matches: (argument, value) => isText(value) && ipaddr.isValid(value) && isWithin(value, String(argument)),
  },
};

/** Whether a value is an object with one known operator and an argument that the operator takes. */
export function isOperator(value: unknown): boolean {
  const [name = "", argument] = single(value) ?? [];
  return Object.hasOwn(OPERATORS, name) && OPERATORS[name]?.takes(argument) === true;
}

/** Whether one value of an event is allowed. */
export function matchesValue(matcher: Matcher, value: unknown): boolean {
  const [name, argument] = single(matcher) ?? [];
  if (name === undefined) return matcher === value;
  return OPERATORS[name]?.matches(argument, value) === true;
}

/** The member of an object with one member. */
function single(value: unknown): [string, unknown] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return entries.length === 1 ? entries[0] : undefined;
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  "=": (value, limit) => value === limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
};

/** `[">", 0, "<=", 5]`: one or two comparisons. */
function isComparison(argument: unknown): boolean {
  if (!Array.isArray(argument) || (argument.length !== 2 && argument.length !== 4)) return false;
  return argument.every((each, index) => (index % 2 === 0 ? Object.hasOwn(COMPARISONS, String(each)) : isNumber(each)));
}

const compares = (argument: readonly unknown[], value: number) =>
  argument.every(
    (each, index) => index % 2 === 1 || COMPARISONS[String(each)]?.(value, Number(argument[index + 1])) === true,
  );

/** `*` stands for any text; `\*` and `\\` stand for themselves. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.match(/\\[*\\]|\*|[^*\\]+|\\/g) ?? [];
  const source = parts.map((part) => (part === "*" ? ".*" : RegExp.escape(part.replace(/^\\([*\\])$/, "$1")))).join("");
  return new RegExp(`^${source}$`, "s");
}

function isWithin(address: string, cidr: string): boolean {
  const [given, [network, bits]] = [ipaddr.parse(address), ipaddr.parseCIDR(cidr)];
  return given.kind() === network.kind() && given.match([network, bits] as Parameters<typeof given.match>[0]);
}
