export { entitlements } from "../providers/entitlements/index.ts";
