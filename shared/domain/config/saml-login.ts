import * as v from "valibot";
import { identifier, secureUrl, text } from "./common.ts";

/** How people of one identity provider log in. */
const login = v.strictObject({
  /** Name of the connection, in URLs and events. */
  connection: identifier,
  /** Where the browser is sent: the identity provider's SingleSignOnService. https, or http on loopback. */
  singleSignOnUrl: secureUrl,
  /** How the AuthnRequest gets there (SAML bindings 3.4 and 3.5). Default: `redirect`. */
  binding: v.optional(v.picklist(["redirect", "post"]), "redirect"),
  /** Whether the AuthnRequest is signed, with the key of `federation.requestSigning`. Default: `false`. */
  signRequest: v.optional(v.boolean(), false),
  /**
   * Whether the user has to prove who they are although they are logged in (SAML core 3.4.1). It is asked for, and an
   * answer whose AuthnInstant is before the login began is refused. Default: `false`.
   */
  forceAuthn: v.optional(v.boolean(), false),
  /**
   * Authentication contexts that are asked for, one of which the answer must state (SAML core 3.3.2.2.1). Default: none.
   *
   * @example ["urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"]
   */
  contexts: v.optional(v.array(text), []),
  /**
   * What becomes of a Response that nobody asked for, as from a tile of the identity provider's portal. It never yields
   * a code. `refuse`, or `restart`: the browser is sent to the application's page that begins a login at this
   * connection (OpenID Connect Core section 4). Default: `refuse`.
   *
   * @example { restart: "https://app.example.com/login" }
   */
  unsolicited: v.optional(
    v.union(
      [
        v.literal("refuse"),
        v.strictObject({
          /** The application's page that starts a login (`initiate_login_uri`). It gets `iss` and `connection`. */
          restart: secureUrl,
        }),
      ],
      '"refuse" or { restart: URL }',
    ),
    "refuse",
  ),
});

type Login = typeof login;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface SamlLoginSchema extends Login {}
export const samlLogin: SamlLoginSchema = login;

export type SamlLogin = v.InferOutput<typeof login>;
