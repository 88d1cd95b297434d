import { StackError } from "../../gateway/stack-error.ts";

type Test = (event: unknown) => boolean;

/** Tokens: brackets, `&&` and `||`, comparisons, quoted texts, and words such as `$.outcome`, `12`, `IS` and `TRUE`. */
const TOKEN = /\s*(\(|\)|&&|\|\||!=|<=|>=|=|<|>|"(?:[^"\\]|\\.)*"|[^\s()&|!=<>"]+)/y;

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/**
 * A JSON pattern of CloudWatch Logs: `{ $.outcome = "allow" && ($.duration > 10 || $.reason NOT EXISTS) }`. A text that
 * is no JSON never matches.
 *
 * @throws {StackError} if it is not one
 */
export function jsonPattern(pattern: string): (text: string) => boolean {
  const inner = /^\{(.*)\}$/s.exec(pattern.trim())?.[1] ?? "";
  const parser = new Parser(inner, pattern);
  const test = parser.whole();
  return (text) => {
    try {
      return test(JSON.parse(text));
    } catch {
      return false;
    }
  };
}

class Parser {
  readonly #tokens: string[];
  readonly #pattern: string;

  constructor(text: string, pattern: string) {
    this.#pattern = pattern;
    this.#tokens = this.#tokensOf(text.trim());
  }

  #tokensOf(text: string): string[] {
    const tokens: string[] = [];
    const token = new RegExp(TOKEN);
    while (token.lastIndex < text.length) tokens.push(token.exec(text)?.[1] ?? this.#refuse());
    return tokens;
  }

  whole(): Test {
    const test = this.#either();
    if (this.#tokens.length > 0) this.#refuse();
    return test;
  }

  #either(): Test {
    const tests = [this.#all()];
    while (this.#take("||")) tests.push(this.#all());
    return (event) => tests.some((test) => test(event));
  }

  #all(): Test {
    const tests = [this.#one()];
    while (this.#take("&&")) tests.push(this.#one());
    return (event) => tests.every((test) => test(event));
  }

  #one(): Test {
    if (this.#take("(")) {
      const inner = this.#either();
      return this.#take(")") ? inner : this.#refuse();
    }
    const path = this.#next();
    if (!/^\$(\.[\w-]+|\[\d+\])+$/.test(path)) return this.#refuse();
    return this.#comparison((event) => valueAt(event, path));
  }

  #comparison(read: (event: unknown) => unknown): Test {
    const operator = this.#next().toUpperCase();
    if (operator === "IS") {
      const wanted = CONSTANTS.get(this.#next().toUpperCase());
      return wanted === undefined ? this.#refuse() : (event) => read(event) === wanted;
    }
    if (operator === "EXISTS") return (event) => read(event) !== undefined;
    if (operator === "NOT" && this.#next().toUpperCase() === "EXISTS") return (event) => read(event) === undefined;
    const operand = this.#next();
    const number = Number(operand);
    const orders = COMPARISONS[operator];
    if (orders) {
      if (Number.isNaN(number)) return this.#refuse();
      return (event) => typeof read(event) === "number" && orders(Number(read(event)) - number);
    }
    if (operator !== "=" && operator !== "!=") return this.#refuse();
    const equals = equality(operand);
    return (event) => {
      const value = read(event);
      return value !== undefined && equals(value) === (operator === "=");
    };
  }

  #take(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #next(): string {
    return this.#tokens.shift() ?? this.#refuse();
  }

  #refuse(): never {
    throw new StackError(`The filter pattern ${this.#pattern} is not supported.`);
  }
}

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["NULL", null],
  ["TRUE", true],
  ["FALSE", false],
]);

/** Equality with a text, in which `*` stands for any text, or with a number. */
function equality(operand: string): (value: unknown) => boolean {
  const isQuoted = operand.startsWith('"');
  if (!isQuoted && operand !== "" && !Number.isNaN(Number(operand))) return (value) => value === Number(operand);
  const text = isQuoted ? (JSON.parse(operand) as string) : operand;
  const source = text.split("*").map(RegExp.escape).join(".*");
  const expression = new RegExp(`^${source}$`, "s");
  return (value) => typeof value === "string" && expression.test(value);
}

function valueAt(event: unknown, path: string): unknown {
  let value = event;
  for (const [, name, index] of path.matchAll(/\.([\w-]+)|\[(\d+)\]/g)) {
    const key = name ?? index ?? "";
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
