import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

/** The build in a project of its own, with one function. */

const CONFIG = `export default {
  jwt: { issuers: [{ issuer: "https://id.example.org", audience: "orders" }] },
  routes: [{ name: "orders", methods: ["GET"], paths: ["/orders"] }],
};
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-build-"));
  await save("sallyport.config.ts", CONFIG);
  await save("functions/one/index.ts", "export const handler = async () => 1;");
});
afterEach(() => rm(folder, { recursive: true }));

async function save(name: string, text: string): Promise<void> {
  await mkdir(join(folder, dirname(name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

const build = () =>
  promisify(execFile)(process.execPath, [resolve("scripts/build.ts")], { cwd: folder }).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, text: stderr }),
  );

const built = () => readFile(join(folder, "dist/functions/one/index.mjs"), "utf8");

test.each<[string, string, string, RegExp]>([
  [
    "an option of the configuration",
    "sallyport.config.ts",
    CONFIG.replace('"/orders"', '"orders"'),
    /^sallyport\.config\.ts has 1 mistake:\n {2}sallyport\.config\.ts:3:56: routes\[0\]\.paths\[0\]: found .+\n$/,
  ],
  [
    "the configuration's syntax",
    "sallyport.config.ts",
    CONFIG.replace("routes: [", "routes: ("),
    /^sallyport\.config\.ts(:3|.*cannot be loaded: ).+\n$/,
  ],
  ["a function's source", "functions/one/index.ts", "export const = 1;", /functions\/one\/index\.ts:1:14/],
])("a mistake in %s names file and line, without a stack, and leaves the last bundle", async (_, name, text, said) => {
  expect(await build()).toMatchObject({ code: 0 });
  const before = await built();
  await save(name, text);
  const { code, text: shown } = await build();
  expect([code, shown]).toEqual([1, expect.stringMatching(said)]);
  expect(shown).not.toContain("    at ");
  expect(await built()).toBe(before);
});
