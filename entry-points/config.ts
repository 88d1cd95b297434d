export { defineConfig } from "../shared/domain/config/define.ts";
export type { SallyportConfig } from "../shared/domain/config/schema.ts";
