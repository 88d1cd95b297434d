import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { restRequest } from "../../functions/authorizer/api-kinds/rest.ts";
import { authorize } from "../../functions/authorizer/authorize.ts";
import { createProviders } from "../../providers/registry.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import { CACHED } from "../fixtures.ts";
import { propertiesOf } from "../template.ts";

/** The files for plain `sam local invoke`. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-sam-"));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (script: string, ...argv: string[]) =>
  promisify(execFile)(process.execPath, [resolve(script), ...argv], { cwd: folder });

test("asks for a build first", async () => {
  await expect(run("scripts/sam-environment.ts", "--build", "none")).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("run sam build first"),
  });
});

test.each(["jwt", "saml"])(
  "the configuration that the environment file names allows a printed event: %s",
  async (kind) => {
    const build = join(folder, ".aws-sam/build");
    for (const name of ["Authorizer", "AuthorizerUncached"]) await mkdir(join(build, name), { recursive: true });
    const environment = JSON.parse((await run("scripts/sam-environment.ts")).stdout);
    for (const [name, variables] of Object.entries<Record<string, string>>(environment)) {
      // SAM passes on only variables that the template has.
      const { Variables } = propertiesOf(name).Environment as { Variables: object };
      for (const variable of Object.keys(variables)) expect(Variables).toHaveProperty(variable);
      const file = join(build, name, basename(variables.SALLYPORT_CONFIG ?? ""));
      const config = parseConfig(JSON.parse(await readFile(file, "utf8")));
      const event = JSON.parse((await run("cli/main.ts", "event", kind)).stdout);
      const request = restRequest.read(event, Math.floor(Date.now() / 1000), config, CACHED);
      const authorizer = { config, providers: createProviders(config) };
      const { decision } = await authorize(request, authorizer, new AbortController().signal);
      expect(decision).toMatchObject({ outcome: "allow" });
    }
  },
);
