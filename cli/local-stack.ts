import { StackError } from "../local/gateway/stack-error.ts";
import { readStackAccess } from "../local/stack/stack-access.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import type { CommandIo } from "./command-io.ts";
import { Failure } from "./failure.ts";

/**
 * The same input and output with the configuration of the running local stack. From here on, AWS clients of this process
 * use the stack's endpoint with credentials that are good nowhere else, whatever the environment says.
 *
 * @throws {Failure} from `config`, if no stack is running
 */
export function ofLocalStack(io: CommandIo): CommandIo {
  return {
    ...io,
    config: async () => {
      const { config, environment } = await readStackAccess().catch((error: unknown) => {
        throw error instanceof StackError ? new Failure(error.message) : error;
      });
      for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"]) delete process.env[name];
      Object.assign(process.env, environment);
      return parseConfig(config, "the local stack");
    },
  };
}
