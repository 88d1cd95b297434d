import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { watchSources } from "../../../local/stack/watch-sources.ts";

let folder: string;
let stop: () => void;
let count: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-watch-"));
  for (const name of ["shared/domain", "deploy", "docs"]) await mkdir(join(folder, name), { recursive: true });
  for (const name of ["sallyport.config.ts", "shared/domain/one.ts", "deploy/app.yaml"]) await save(name);
  count = 0;
  stop = watchSources(() => void count++, join(folder, "deploy/app.yaml"), folder);
});
afterEach(async () => {
  stop();
  await rm(folder, { recursive: true });
});

const save = (name: string) => writeFile(join(folder, name), String(Math.random()));

/** Saves as many editors do: a new file takes the place of the old one. */
async function saveByRename(name: string): Promise<void> {
  await save(`${name}.tmp~`);
  await rename(join(folder, `${name}.tmp~`), join(folder, name));
}

const expectCalls = (calls: number) => expect.poll(() => count, { timeout: 5000 }).toBe(calls);

describe.each([
  ["in place", save],
  ["by renaming a new file", saveByRename],
])("a file that is saved %s", (_, saved) => {
  test.each([["sallyport.config.ts"], ["shared/domain/one.ts"], ["deploy/app.yaml"], ["routes.ts"]])(
    "%s causes a call every time",
    async (name) => {
      for (const calls of [1, 2, 3]) {
        await saved(name);
        await expectCalls(calls);
      }
    },
  );
});

test("a folder that is made later is watched too", async () => {
  await mkdir(join(folder, "metadata/new"), { recursive: true });
  await expectCalls(1);
  await saveByRename("metadata/new/idp.xml");
  await expectCalls(2);
});

test("what is no source causes no call", async () => {
  for (const name of ["README.md", "docs/page.ts", ".sallyport.config.ts.swp"]) await save(name);
  await save("sallyport.config.ts");
  await expectCalls(1);
});
