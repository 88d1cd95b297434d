export { jwt } from "../providers/jwt/index.ts";
