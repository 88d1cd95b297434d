import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";

/** Writes a configuration into a new temporary folder. `remove` deletes the folder. */
export async function writeConfigFile(config: SallyportConfig): Promise<{ file: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify(config));
  return { file, remove: () => rm(folder, { recursive: true }) };
}
