import { type ParserOptions, parse, parseExpression } from "@babel/parser";
import type { ArrayExpression, Expression, File, Node, ObjectExpression } from "@babel/types";

/** Where something stands in a file: line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds the options of a configuration in its source, JSON or TypeScript: literals, constants of the same file, spreads
 * of both, and the first argument of a function such as `defineConfig`.
 *
 * @returns the place of an option by its path, such as `jwt.issuers[0].audience`, or of the innermost object or list
 * around it that can be found. Undefined if nothing can
 */
export function placesIn(text: string, isJson: boolean): (path: string) => Place | undefined {
  try {
    const scope = isJson ? { root: parseExpression(text), constants: new Map() } : moduleScope(text);
    return (path) => placeOf(find(scope.root, path, scope.constants) ?? scope.root);
  } catch {
    return () => undefined;
  }
}

/** Where a TypeScript or JavaScript file cannot be read any further, and why; undefined if it can. */
export function syntaxErrorIn(text: string): (Place & { readonly message: string }) | undefined {
  try {
    parse(text, TYPESCRIPT);
    return undefined;
  } catch (error) {
    const { loc, message } = error as { loc?: { line: number; column: number }; message: string };
    return loc && { line: loc.line, column: loc.column + 1, message: message.replace(/\s*\(\d+:\d+\)$/, "") };
  }
}

const TYPESCRIPT: ParserOptions = { sourceType: "module", plugins: ["typescript"] };

type Constants = ReadonlyMap<string, Node>;

function moduleScope(text: string): { root: Node; constants: Constants } {
  const { program }: File = parse(text, TYPESCRIPT);
  const constants = new Map<string, Node>();
  let root: Node = program;
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type === "VariableDeclaration") {
      for (const { id, init } of declaration.declarations)
        if (id.type === "Identifier" && init) constants.set(id.name, init);
    }
    if (statement.type === "ExportDefaultDeclaration") root = statement.declaration;
  }
  return { root, constants };
}

const placeOf = ({ loc }: Node): Place | undefined =>
  loc ? { line: loc.start.line, column: loc.start.column + 1 } : undefined;

/** The node of an option, or the innermost around it; undefined if the path leads nowhere in this node. */
function find(node: Node, path: string, constants: Constants): Node | undefined {
  for (const literal of literalsOf(node, constants)) {
    const found =
      literal.type === "ArrayExpression" ? inList(literal, path, constants) : inObject(literal, path, constants);
    if (found) return found;
  }
  return undefined;
}

function inList({ elements }: ArrayExpression, path: string, constants: Constants): Node | undefined {
  const [whole = "", index = ""] = /^\[(\d+)\]/.exec(path) ?? [];
  const before = elements.slice(0, Number(index) + 1);
  const element = before.at(-1);
  if (whole === "" || before.length <= Number(index) || !element) return undefined;
  if (before.some((each) => each?.type === "SpreadElement")) return undefined;
  const rest = path.slice(whole.length);
  return (rest && find(element, rest, constants)) || element;
}

function inObject({ properties }: ObjectExpression, path: string, constants: Constants): Node | undefined {
  const names = path.replace(/^\./, "");
  // The last of several with the same name counts.
  for (const property of properties.toReversed()) {
    if (property.type === "SpreadElement") {
      const found = find(property.argument, path, constants);
      if (found) return found;
      continue;
    }
    const name = property.computed ? undefined : nameOf(property.key);
    if (name === undefined || !names.startsWith(name)) continue;
    const rest = names.slice(name.length);
    if (rest !== "" && !/^[.[]/.test(rest)) continue;
    const value = property.type === "ObjectProperty" && rest ? find(property.value, rest, constants) : undefined;
    return value ?? property.key;
  }
  return undefined;
}

function nameOf(key: Node): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "StringLiteral" ? key.value : undefined;
}

/** The objects and lists that an expression may stand for. */
function literalsOf(node: Node, constants: Constants, depth = 0): (ObjectExpression | ArrayExpression)[] {
  const of = (next: Node | null | undefined) => (next && depth < 8 ? literalsOf(next, constants, depth + 1) : []);
  switch (node.type) {
    case "ObjectExpression":
    case "ArrayExpression":
      return [node];
    case "Identifier":
      return of(constants.get(node.name));
    case "CallExpression":
      return of(node.arguments[0]);
    case "LogicalExpression":
      return of(node.right);
    case "ConditionalExpression":
      return [...of(node.consequent), ...of(node.alternate)];
    default:
      return of((node as { expression?: Expression }).expression);
  }
}
