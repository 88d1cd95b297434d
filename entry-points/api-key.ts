export { apiKey } from "../providers/api-key/index.ts";
