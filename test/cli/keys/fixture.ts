import { configOf } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { inProcess, type Outcome, type Surroundings } from "../in-process.ts";

/** A table of keys, and the command line for it. */
export interface KeysFixture extends KeyTableFixture {
  run(argv: string, around?: Surroundings): Promise<Outcome>;
}

export async function createKeysFixture(): Promise<KeysFixture> {
  const table = await createKeyTableFixture();
  const config = async () => ({ ...configOf(), apiKeys: table.config });
  return {
    ...table,
    run: (argv, around) => inProcess(["keys", ...argv.split(" ")], { config, ...around }),
  };
}

/** The part of a key that must appear in no output but the one place. */
export const secretOf = (key: string): string => key.slice(key.lastIndexOf("_") + 1);
