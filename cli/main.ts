#!/usr/bin/env node
import { personAtTerminal } from "./person.ts";
import { checkedConfig, locateInConfig, writtenConfig } from "./project-config.ts";
import { sallyport } from "./sallyport.ts";

process.exitCode = await sallyport(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  person: personAtTerminal(),
  config: checkedConfig,
  writtenConfig,
  locate: locateInConfig,
});
