import { glob, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { DENIALS, REJECTIONS, TROUBLES } from "../../../shared/domain/reasons/reasons.ts";

async function sourcesOf(pattern: string): Promise<string> {
  const texts: string[] = [];
  for await (const file of glob(pattern)) {
    if (!file.endsWith("reasons.ts")) texts.push(await readFile(file, "utf8"));
  }
  return texts.join("\n");
}

test("every reason is used in the code and expected in a test", async () => {
  const [code, tests] = await Promise.all([
    sourcesOf("{shared,providers,functions}/**/*.ts"),
    sourcesOf("test/**/*.ts"),
  ]);
  for (const reason of Object.keys({ ...REJECTIONS, ...DENIALS, ...TROUBLES })) {
    expect(code).toContain(`"${reason}"`);
    expect(tests).toContain(reason);
  }
});
