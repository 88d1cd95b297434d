import type { Command } from "commander";
import { UsageError } from "../usage-error.ts";

/** Where a deployed stack is. */
export interface StackPlace {
  /** Name or ARN. */
  readonly stack?: string;
  /** Profile of the AWS configuration. */
  readonly profile?: string;
  readonly region?: string;
}

/** Adds the options by which a command finds a deployed stack. */
export const addStackOptions = (command: Command): Command =>
  command
    .option("--stack <name>", "the deployed stack whose table and secrets are used, by its outputs", readStackName)
    .option("--profile <profile>", "the profile of the AWS configuration")
    .option("--region <region>", "the AWS Region", readRegion);

function readStackName(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,127}$|^arn:aws[a-z-]*:cloudformation:[\w:/-]+$/.test(text)) return text;
  throw new UsageError("--stack takes the name or the ARN of a stack.");
}

function readRegion(text: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(text)) return text;
  throw new UsageError("--region takes a Region, such as eu-west-1.");
}
