import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Descriptions by option. */
type Descriptions = ReadonlyMap<string, string>;

/** The comments of all object schemas of a folder, by the names of their options in order. */
export type Sections = ReadonlyMap<string, Descriptions>;

/** An object schema of a source file: its constant, if it has one, and its options. `...other` stands for others'. */
interface Section {
  readonly name: string | undefined;
  readonly options: Map<string, string>;
}

/**
 * Reads the comments of all object schemas in a folder. The schema at run time knows the names of its options and not
 * its source file.
 *
 * @throws {Error} if two object schemas with the same options have different comments
 */
export async function readSections(folder: string): Promise<Sections> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const sections = texts.flatMap(sectionsOf);
  const named = new Map(sections.map(({ name, options }) => [name, options]));
  const found = new Map<string, Descriptions>();
  for (const { options } of sections) {
    const section = new Map(expanded(options, named));
    const key = [...section.keys()].join();
    const other = found.get(key);
    for (const [option, description] of section) {
      if (other && other.get(option) !== description) throw new Error(`${folder}: two comments for ${option}`);
    }
    found.set(key, section);
  }
  return found;
}

/** The options, with those of other schemas in the places where they are spread. */
function expanded(options: Descriptions, named: ReadonlyMap<string | undefined, Descriptions>): [string, string][] {
  return [...options].flatMap(([option, description]): [string, string][] => {
    if (!option.startsWith("...")) return [[option, description]];
    return expanded(named.get(option.slice(3)) ?? new Map(), named);
  });
}

/**
 * The object schemas of a source file. It relies on the formatter: the options of one schema have the same indentation,
 * and all lines between them are indented at least as much.
 */
function sectionsOf(source: string): Section[] {
  const found: Section[] = [];
  const open: { indent: number; options: Map<string, string> }[] = [];
  let comment = "";
  for (const [, space = "", content = ""] of source.matchAll(/^( *)(\/\*\*[\s\S]*?\*\/|\S.*)$/gm)) {
    while ((open.at(-1)?.indent ?? 0) > space.length) open.pop();
    const [, option = /^(\.\.\.\w+)\.entries,$/.exec(content)?.[1]] = /^(\$?\w+)(?::|,$)/.exec(content) ?? [];
    const last = open.at(-1);
    if (option && last?.indent === space.length) last.options.set(option, comment);
    comment = content.startsWith("/**") ? plainText(content) : "";
    if (/v\.(strictObject|looseObject|object)\(\{$/.test(content)) {
      const options = new Map<string, string>();
      open.push({ indent: space.length + 2, options });
      found.push({ name: /^(?:export )?const (\w+) = /.exec(content)?.[1], options });
    }
  }
  return found;
}

/** The text of a comment: one line per paragraph, and `Example: …` for an `@example`. */
function plainText(comment: string): string {
  return comment
    .replace(/^\/\*\*\s*|\s*\*\/$/g, "")
    .replace(/^ *\* ?/gm, "")
    .split(/\n\n/)
    .map((paragraph) => paragraph.replaceAll("\n", " ").replace(/^@example /, "Example: "))
    .join("\n\n");
}
