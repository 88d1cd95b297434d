import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StackError } from "../gateway/stack-error.ts";
import type { StackAccess } from "./local-stack.ts";

/** The folder of what the running stack writes. `SALLYPORT_LOCAL` names another one. */
export const stackFolder = () => process.env.SALLYPORT_LOCAL || ".sallyport";

/** Where the running stack says how to reach it. */
const fileIn = (folder = stackFolder()) => ({ folder, file: join(folder, "stack.json") });

/**
 * Writes what commands with `--local` need, for this user alone.
 *
 * @returns a function that removes it
 */
export async function writeStackAccess(access: StackAccess): Promise<() => Promise<void>> {
  const { folder, file } = fileIn();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}`;
  await writeFile(own, JSON.stringify({ pid: process.pid, ...access }), { mode: 0o600 });
  await rename(own, file);
  return async () => {
    // Another stack may have been started since.
    if ((await readStack(file))?.pid === process.pid) await rm(file, { force: true });
  };
}

/** What the running stack has written. @throws {StackError} if none is running */
export async function readStackAccess(): Promise<StackAccess> {
  const access = await readStack(fileIn().file);
  if (access && isRunning(access.pid)) return access;
  throw new StackError("No local stack is running: start one with npm start, in another terminal.");
}

/** Whether a stack has written how to reach it, and runs. */
export async function isStackRunning(): Promise<boolean> {
  const access = await readStack(fileIn().file);
  return access !== undefined && isRunning(access.pid);
}

async function readStack(file: string): Promise<(StackAccess & { pid: number }) | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as StackAccess & { pid: number };
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
