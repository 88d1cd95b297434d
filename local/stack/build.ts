import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { StackError } from "../gateway/stack-error.ts";

/** Builds the functions, in a process of its own. @throws {StackError} with what is wrong in which file */
export async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, ["scripts/build.ts"]).catch(
    ({ stderr, message }: { stderr?: string; message: string }) => {
      throw new StackError((stderr || message).trimEnd());
    },
  );
}
