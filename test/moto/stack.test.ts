import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { split } from "shlex";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { inProcess, personWhoSays } from "../cli/in-process.ts";
import { configOf } from "../fixtures.ts";
import { deployStack, MOTO, MOTO_ENVIRONMENT } from "./moto.ts";

/** `--stack`, and the commands of docs/after-deployment.md, against moto. */

const config = async () =>
  configOf({
    apiKeys: {
      table: process.env.SALLYPORT_KEYS_TABLE ?? "",
      peppers: [{ id: "p1", secret: { secretsManager: process.env.SALLYPORT_PEPPER_SECRET ?? "" } }],
    },
  });

const shell = (commands: string) =>
  promisify(execFile)("bash", ["-eu", "-c", commands], { env: { ...process.env, ...MOTO_ENVIRONMENT } });

describe.skipIf(!MOTO)("with moto", () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(MOTO_ENVIRONMENT)) vi.stubEnv(name, value);
    vi.stubEnv("AWS_PROFILE", undefined);
  });

  test("a key is issued with the pepper and into the table of a deployed stack, and revoked there", async () => {
    const stack = `deployed-${randomUUID()}`;
    await deployStack(stack);
    const keys = (...argv: string[]) => inProcess(["keys", ...argv, "--stack", stack], { config });
    const { code, stdout, stderr } = await keys("issue", "--name", "Partner");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("shown this once") });
    expect(process.env.SALLYPORT_KEYS_TABLE).toMatch(/KeysTable/);
    for (let times = 0; times < 2; times++)
      expect(await keys("revoke", stdout.trim(), "--yes")).toMatchObject({ code: 0 });
  });

  test("a stack that is not there is named", async () => {
    const revoke = ["keys", "revoke", "0".repeat(16), "--yes", "--stack", "none"];
    expect(await inProcess(revoke, { config })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("The stack none cannot be read: Stack with id none does not exist"),
    });
  });

  test("the commands of docs/after-deployment.md, and of the role for access logs, run as they are written", async () => {
    await deployStack("sallyport");
    // moto makes no alarms for CloudFormation.
    await shell(
      "aws cloudwatch put-metric-alarm --alarm-name sallyport-UnavailableAlarm-1A2B3C4D5E6F7 --namespace Sallyport " +
        "--metric-name Decisions --statistic Sum --period 60 --evaluation-periods 1 --threshold 1 " +
        "--comparison-operator GreaterThanOrEqualToThreshold",
    );
    const pages = ["docs/logs-and-metrics.md", "docs/after-deployment.md"].map((page) => readFile(page, "utf8"));
    const blocks = [...(await Promise.all(pages)).join("\n").matchAll(/^```(\w*)\n(.+?)^```$/gms)];
    let key = "";
    const ran: string[] = [];
    for (const [, language, block = ""] of blocks) {
      if (language) continue;
      const [, ours] = /^npm run sallyport (?:--silent )?-- (keys .+)$/m.exec(block) ?? [];
      if (ours !== undefined) {
        const { code, stdout, stderr } = await inProcess(split(ours.replace("$KEY", key)), {
          config,
          ...personWhoSays("y"),
        });
        expect({ ours, code, stderr }).toMatchObject({ code: 0 });
        key ||= stdout.trim();
        ran.push(ours.split(" ", 2).join(" "));
      }
      // SAM deploys only to AWS; moto has no `logs tail`, and the requests need an API.
      const aws = block.replaceAll(/^(?:sam|npm run|curl|https:|aws logs tail| {2}✓|\d+ requests) ?.*\n/gm, "");
      if (!/^\w*=?\$?\(?aws /m.test(aws)) continue;
      await shell(aws);
      ran.push(...[...aws.matchAll(/aws ([a-z]+ [a-z-]+)/g)].map(([, command = ""]) => command));
    }
    expect(ran).toEqual(
      expect.arrayContaining([
        ...["keys issue", "keys revoke", "logs start-query", "sns create-topic", "cloudwatch set-alarm-state"],
        ...["apigateway update-account", "dynamodb delete-table", "secretsmanager delete-secret"],
      ]),
    );
  }, 120_000);
});
