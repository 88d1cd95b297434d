/**
 * One element of a path's pattern: one character, or with `isRepeated` any number of them. `text` is the character;
 * without it any character fits, or any but `/`.
 */
interface Token {
  readonly text?: string;
  readonly crosses?: boolean;
  readonly isRepeated?: boolean;
}

/**
 * Whether some path fits both a rule and a route. In a rule `*` stands for any characters, and a placeholder for one
 * segment. In a route of API Gateway `{name}` stands for one segment, `{name+}` for one or more, and `$default` for
 * everything.
 */
export function haveCommonPath(rule: string, route: string): boolean {
  const [left, right] = [tokensOf(rule), route === "$default" ? EVERYTHING : tokensOf(route)];
  const known = new Map<number, boolean>();
  const meet = (i: number, j: number): boolean => {
    const place = i * (right.length + 1) + j;
    const before = known.get(place);
    if (before !== undefined) return before;
    const result = meetAnew(i, j);
    known.set(place, result);
    return result;
  };
  const meetAnew = (i: number, j: number): boolean => {
    const [one, other] = [left[i], right[j]];
    if (!one && !other) return true;
    if (one?.isRepeated && meet(i + 1, j)) return true;
    if (other?.isRepeated && meet(i, j + 1)) return true;
    if (!one || !other || !agree(one, other) || (one.isRepeated && other.isRepeated)) return false;
    return meet(one.isRepeated ? i : i + 1, other.isRepeated ? j : j + 1);
  };
  return meet(0, 0);
}

const EVERYTHING: readonly Token[] = [{ crosses: true, isRepeated: true }];

function tokensOf(pattern: string): Token[] {
  return [...pattern.matchAll(/\{[^}]+?(\+?)\}|./gs)].flatMap(([text, plus]): Token[] => {
    if (text === "*") return [...EVERYTHING];
    if (!text.startsWith("{")) return [{ text }];
    const crosses = plus === "+";
    return [{ crosses }, { crosses, isRepeated: true }];
  });
}

function agree(one: Token, other: Token): boolean {
  if (one.text !== undefined && other.text !== undefined) return one.text === other.text;
  const { text } = one.text === undefined ? other : one;
  const { crosses } = one.text === undefined ? one : other;
  return text === undefined || text !== "/" || Boolean(crosses);
}
