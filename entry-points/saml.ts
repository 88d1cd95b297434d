export { saml } from "../providers/saml/index.ts";
