import * as v from "valibot";
import { common } from "./common.ts";

/*
 * Events of the login. They are put on the bus by the function itself, as there is no change of a table behind them. None
 * has an attribute, a subject's name or anything else that an identity provider says of a person.
 */

const login = v.object({
  /** The login, as error pages and the log name it. Absent: nobody began one. */
  flowId: v.optional(v.string()),
  /** The connection that the answer came to. */
  connection: v.string(),
  /** The application. Absent: nobody began a login. */
  clientId: v.optional(v.string()),
});

/** Somebody logged in: the application got a code. */
export const loginSucceeded = v.object({
  ...common.entries,
  ...login.entries,
  /** The tenant, if the configuration fixes one. One that an assertion names is a value of an attribute. */
  tenant: v.optional(v.string()),
});

/** An answer of an identity provider was refused, or a login could not begin or be completed. */
export const loginFailed = v.object({
  ...common.entries,
  ...login.entries,
  /** Absent: an application asked for a login that cannot begin. */
  connection: v.optional(v.string()),
  /** A reason of the authorizer for a refused assertion, or one of the login. */
  reason: v.string(),
});

/** An assertion came a second time. Without a connection it is one by which an application proves who it is. */
export const assertionReplayed = v.object({
  ...common.entries,
  ...login.entries,
  /** The connection that the answer came to. */
  connection: v.optional(v.string()),
});

/** A code came a second time. The token that it was used for is revoked. */
export const codeReplayed = v.object({
  ...common.entries,
  ...login.entries,
});

/** The second opinion differs. */
export const verifiersDisagree = v.object({
  ...common.entries,
  ...login.entries,
  /** `refuses`: node-saml refuses what was verified. `contradicts`: it reads another issuer, name or attribute. */
  opinion: v.picklist(["refuses", "contradicts"]),
});

/** Another key signs the tokens. */
export const signingKeyRotated = v.object({
  ...common.entries,
  /** `kid` of the key that signs now. */
  keyId: v.string(),
  /** `kid` of the one before. Absent: there was none. */
  previousKeyId: v.optional(v.string()),
});
