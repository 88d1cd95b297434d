import type { SallyportConfig } from "./schema.ts";

/**
 * Returns its argument. It gives an editor the types and descriptions of the options. The configuration is checked when
 * the authorizer starts, and by `sallyport config check`.
 *
 * @example export default defineConfig({ apiKeys: { … }, routes: [ … ] });
 */
export function defineConfig(config: SallyportConfig): SallyportConfig {
  return config;
}
