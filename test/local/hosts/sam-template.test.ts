import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { AUTHORIZERS, templateForSam } from "../../../local/hosts/sam-template.ts";

/** What `sam local` gets, also where there is no SAM to try it. */

const local = parse(templateForSam(await readFile("template.yaml", "utf8"), { SALLYPORT_CONFIG: "file:/here" }), {
  logLevel: "silent",
});

test("authorizers have the variables of the run, beside their own", () => {
  for (const name of AUTHORIZERS) {
    const { Variables } = local.Resources[name].Properties.Environment;
    expect(Variables).toMatchObject({ SALLYPORT_CONFIG: "file:/here", SALLYPORT_CACHED_BY: expect.anything() });
  }
});

test("no event is of an API that is not there, for which SAM refuses the whole template", () => {
  const events = Object.values<{ Properties?: { Events?: Record<string, { Properties?: Record<string, unknown> }> } }>(
    local.Resources,
  ).flatMap(({ Properties }) => Object.values(Properties?.Events ?? {}));
  const apis = new Set(events.flatMap((event) => [event.Properties?.RestApiId, event.Properties?.ApiId]));
  apis.delete(undefined);
  expect(apis).toContain("RestApi");
  expect(apis).not.toContain("HttpApi");
  expect(Object.keys(local.Resources)).toEqual(expect.arrayContaining([...apis]));
});
