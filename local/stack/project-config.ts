import type { SallyportConfig } from "../../shared/domain/config/schema.ts";

let reads = 0;

/** The project's current configuration. Node.js loads a module once for each URL, so each call uses a new URL. */
export async function projectConfig(): Promise<SallyportConfig> {
  const file = new URL(`../../sallyport.config.ts?${reads++}`, import.meta.url);
  return ((await import(file.href)) as { default: SallyportConfig }).default;
}
