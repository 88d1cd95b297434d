import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes each code block of docs/deployment.md that has a language into a file of its own, for tools that check it:
 * `1.yaml`, `2.ts` …
 *
 * Usage: snippets.ts [FOLDER]   by default dist/snippets
 */
const folder = process.argv[2] ?? "dist/snippets";
const text = await readFile("docs/deployment.md", "utf8");
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const blocks = [...text.matchAll(/^```(yaml|ts|hcl|bash)\n(.+?)^```$/gms)];
for (const [index, [, language, block = ""]] of blocks.entries()) {
  const file = join(folder, `${index + 1}.${language}`);
  await writeFile(file, block);
  console.log(file);
}
