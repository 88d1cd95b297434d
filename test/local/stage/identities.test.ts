import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keptIdentities } from "../../../local/stage/identities.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("identities are created once and stored in a file that only its owner can read", async () => {
  const kept = join(folder, "kept");
  const made = await keptIdentities(kept);
  expect(await keptIdentities(kept)).toEqual(made);
  expect((await stat(join(kept, "identities.json"))).mode & 0o077).toBe(0);
});

test("keys that a file of an earlier version lacks are added, and the existing keys are kept", async () => {
  const kept = join(folder, "earlier");
  const { samlEncryption: _, ...earlier } = await keptIdentities(kept);
  const file = join(kept, "identities.json");
  await writeFile(file, JSON.stringify(earlier));
  const completed = await keptIdentities(kept);
  expect(completed).toMatchObject(earlier);
  expect(completed.samlEncryption.certificate).toContain("CERTIFICATE");
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(completed);
});

test("an unreadable file is not overwritten", async () => {
  const kept = join(folder, "broken");
  await keptIdentities(kept);
  await writeFile(join(kept, "identities.json"), "{");
  await expect(keptIdentities(kept)).rejects.toThrow(SyntaxError);
  expect(await readFile(join(kept, "identities.json"), "utf8")).toBe("{");
});
