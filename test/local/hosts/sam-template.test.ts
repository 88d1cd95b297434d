import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { AUTHORIZERS, templateForSam } from "../../../local/hosts/sam-template.ts";

/** What `sam local` gets, also where there is no SAM to try it. */

const template = await readFile("template.yaml", "utf8");
const local = parse(templateForSam(template, { SALLYPORT_CONFIG: "file:/here" }), { logLevel: "silent" });

test("authorizers have the variables of the run, beside their own", () => {
  for (const name of AUTHORIZERS) {
    const { Variables } = local.Resources[name].Properties.Environment;
    expect(Variables).toMatchObject({ SALLYPORT_CONFIG: "file:/here", SALLYPORT_CACHED_BY: expect.anything() });
  }
});

test("the REST API alone is there, and no event of another, for which SAM refuses the whole template", () => {
  const resources = Object.values<Resource>(local.Resources);
  const apis = resources.filter(({ Type }) => /^AWS::Serverless::(Http)?Api$/.test(Type));
  expect(apis).toEqual([local.Resources.RestApi]);
  const events = resources.flatMap(({ Properties }) => Object.values(Properties?.Events ?? {}));
  expect(new Set(events.flatMap((event) => event.Properties?.RestApiId ?? event.Properties?.ApiId ?? []))).toEqual(
    new Set(["RestApi"]),
  );
});

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Events?: Record<string, { readonly Properties?: Record<string, unknown> }> };
}
