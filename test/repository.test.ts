import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

/** Checks of SECURITY.md, docs/federation.md, CONTRIBUTING.md, docs/decisions, and CI. */

const read = (file: string) => readFile(file, "utf8");
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

describe("SECURITY.md", async () => {
  const text = await read("SECURITY.md");
  const named = [...text.matchAll(/- `(test\/[^`]+)`:\s+"([^"]+)"/g)].map(([, file = "", title = ""]) => ({
    file,
    title,
  }));

  test("names a test for each of its statements", () => {
    const section = text.split("## What always holds")[1]?.split("\n## ")[0] ?? "";
    const statements = section.split(/^\d+\. /m).slice(1);
    expect(statements.length).toBeGreaterThan(10);
    for (const statement of statements) expect(statement).toContain("- `test/");
    expect(section.match(/- `test\//g)?.length).toBe(named.length);
  });

  test.each(named)("$file has the title $title", async ({ file, title }) => {
    expect(await read(file)).toMatch(new RegExp(`\\(\\s*["'\`]${escaped(title)}["'\`]`));
  });
});

describe("docs/federation.md", async () => {
  const text = await read("docs/federation.md");
  const rowsOf = (heading: string) =>
    (text.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "")
      .split("\n")
      .filter((line) => /^\| (?!attack|section)/.test(line));
  const rows = [...rowsOf("Attacks"), ...rowsOf("RFC 9700, point by point")];

  test("has rows for attacks, and for the points of RFC 9700", () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  test.each(rows.map((row) => ({ row, name: row.split("|")[1]?.trim() })))("has a test for $name", async ({ row }) => {
    const [, file, title] = /\| `([\w-]+)`: "(.+)" \|$/.exec(row) ?? [];
    expect(title).toBeDefined();
    const source = await read(`test/functions/federation/${file}.test.ts`);
    expect(source).toMatch(new RegExp(`\\(\\s*["'\`]${escaped(title ?? "")}["'\`]`));
  });
});

describe("CONTRIBUTING.md", async () => {
  const text = await read("CONTRIBUTING.md");
  const paths = [...text.matchAll(/`([\w.-]+\/[\w./<>-]*)`/g)]
    .map(([, path = ""]) => path)
    // A path with a placeholder: only its folder must exist.
    .map((path) => (path.includes("<") ? path.slice(0, path.lastIndexOf("/", path.indexOf("<"))) : path));

  test.each([...new Set(paths)])("names %s, which exists", async (path) => {
    expect(await exists(path)).toBe(true);
  });

  test("has a row for every top-level folder", async () => {
    const rooms = (await promisify(execFile)("git", ["ls-files"])).stdout
      .split("\n")
      .filter((file) => file.endsWith(".ts") && file.includes("/"))
      .map((file) => file.split("/")[0] ?? "");
    for (const room of new Set(rooms)) expect(text).toMatch(new RegExp(`^\\| \`${room}/`, "m"));
  });
});

describe("docs/decisions", async () => {
  const pages = (await readdir("docs/decisions")).filter((name) => name !== "README.md");

  test("lists every page in its index with its title", async () => {
    const rows = await read("docs/decisions/README.md");
    for (const page of pages) {
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(await read(`docs/decisions/${page}`)) ?? [];
      expect(rows).toContain(`| ${number} | [${title}](${page}) |`);
    }
  });

  test.each(pages)("%s has status, context, decision and consequences", async (page) => {
    const text = await read(`docs/decisions/${page}`);
    expect(text).toMatch(/^Status: /m);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      "Context",
      "Decision",
      "Consequences",
    ]);
  });
});

interface Workflow {
  readonly permissions?: Record<string, string>;
  readonly jobs: Record<string, Job>;
}

interface Job {
  readonly steps: readonly { readonly uses?: string }[];
  readonly strategy?: { readonly matrix: { readonly part: string[]; readonly include: { readonly part: string }[] } };
}

describe("on GitHub", async () => {
  const workflows = (await readdir(".github/workflows")).map((name) => `.github/workflows/${name}`);
  const workflow = async (file: string) => parse(await read(file)) as Workflow;

  test("every part of .ci/run runs", async () => {
    const { stdout } = await promisify(execFile)(".ci/run", ["--list"]);
    const { part, include } = (await workflow(".github/workflows/ci.yml")).jobs.part?.strategy?.matrix ?? {};
    const run = [...(part ?? []), ...(include ?? []).map((each) => each.part)];
    expect(run.sort()).toEqual(stdout.trim().split("\n").sort());
  });

  test.each(workflows)("%s pins each action to a commit, with the version in a comment", async (file) => {
    const uses = [...(await read(file)).matchAll(/uses: (.+)$/gm)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test.each(workflows)("%s has no write permission outside its jobs", async (file) => {
    const { permissions } = await workflow(file);
    expect(permissions).toBeDefined();
    expect(Object.values(permissions ?? {})).not.toContain("write");
  });
});

test("no CI script uses files outside the repository", async () => {
  const files = (await readdir(".ci", { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(5);
  for (const { parentPath, name } of files) {
    const text = await read(`${parentPath}/${name}`);
    // The root of the repository is two levels above .ci/install.
    expect([`${name}`, text.match(/\.\.\/\.\.\/\.\.|cd \.\.[; &]|\bshared\/tools/)]).toEqual([name, null]);
  }
});
