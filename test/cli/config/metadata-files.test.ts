import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { metadataFileMistakes } from "../../../cli/config/metadata-files.ts";
import { entityXml } from "../../../local/stage/saml/metadata.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { identity } from "../../providers/saml/fixture.ts";

type Metadata = NonNullable<NonNullable<SallyportConfig["saml"]>["identityProviders"][number]["metadata"]>;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  await mkdir(join(folder, "metadata"));
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function mistakes(text: string | undefined, metadata: Metadata = {}) {
  const file = "metadata/idp.xml";
  await rm(join(folder, file), { force: true });
  if (text !== undefined) await writeFile(join(folder, file), text);
  const saml = {
    ...{ audience: "a", recipients: "r" },
    identityProviders: [{ issuer: "https://idp.acme.test", metadata: { file, ...metadata } }],
  };
  return metadataFileMistakes(configOf({ saml }), NOW);
}

const sound = { entityId: "https://idp.acme.test", certificates: [identity.certificate] };
const path = "saml.identityProviders[0].metadata.file";

test("a file with the identity provider's metadata is in order", async () => {
  expect(await mistakes(entityXml(sound))).toEqual([]);
});

test("a file that is missing is a mistake", async () => {
  expect(await mistakes(undefined)).toEqual([
    { path, found: "metadata/idp.xml, which cannot be read (ENOENT)", allowed: "a file in the folder metadata/" },
  ]);
});

test("a file that is no metadata is a mistake", async () => {
  expect(await mistakes("<html></html>")).toEqual([
    { path, found: expect.stringMatching(/^metadata\/idp\.xml: it /), allowed: "metadata of this identity provider" },
  ]);
});

test("a file without the issuer is a mistake, and the message names the issuer that it has", async () => {
  expect(await mistakes(entityXml({ ...sound, entityId: "https://idp.globex.test" }))).toEqual([
    {
      path,
      found: "metadata/idp.xml: it does not contain the entity",
      allowed: 'metadata of this issuer; the file has "https://idp.globex.test"',
    },
  ]);
});

test("a file without the signature that is asked for is a mistake", async () => {
  expect(await mistakes(entityXml(sound), { signedBy: [identity.certificate] })).toEqual([
    expect.objectContaining({ found: "metadata/idp.xml: it is not signed" }),
  ]);
});

test("metadata that have ended are a mistake", async () => {
  expect(await mistakes(entityXml({ ...sound, validUntil: NOW }))).toEqual([
    expect.objectContaining({ found: "metadata/idp.xml, which ended on 2026-03-02" }),
  ]);
  expect(await mistakes(entityXml({ ...sound, validUntil: NOW + 1 }))).toEqual([]);
});
