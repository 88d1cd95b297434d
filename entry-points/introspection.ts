export { introspection } from "../providers/introspection/index.ts";
