import * as v from "valibot";
import { eachOnce, identifier, isSecureUrl, oneOrMore, seconds, text } from "./common.ts";
import { keysByUrl, keysInside } from "./jwk-set.ts";
import { secretSource } from "./secret.ts";

/** An https origin, such as `https://login.example.com`: no path, no `/` at its end. http on loopback only. */
const origin = v.pipe(
  v.string(),
  v.check(
    (value) => isSecureUrl(value) && URL.parse(value)?.origin === value,
    "an https origin without a path, such as https://login.example.com (http only on a loopback address)",
  ),
);

/** Parameters of an answer would be ambiguous in a URL that has some of the same names. */
const ANSWER_PARAMETERS = ["code", "state", "iss", "error", "error_description"];

/** Compared as text (RFC 9700 section 2.1), so its one spelling is demanded. */
const redirectUri = v.pipe(
  text,
  v.check((value) => {
    const url = URL.parse(value);
    return (
      isSecureUrl(value) &&
      url?.href === value &&
      !/[#*]/.test(value) &&
      !ANSWER_PARAMETERS.some((name) => url.searchParams.has(name))
    );
  }, "an https URL in its normal spelling, without a fragment, without `*` (there are no patterns) and without the parameters of an answer (http only on a loopback address)"),
);

/** An absolute URI without a fragment (RFC 8707 section 2). */
const resource = v.pipe(
  text,
  v.check((value) => URL.canParse(value) && !value.includes("#"), "an absolute URI without a fragment (RFC 8707)"),
);

/** RFC 6749 section 3.3. */
const scopeToken = v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, "a scope-token (RFC 6749)"));

export const GRANT_TYPES = {
  authorization_code: "authorization_code",
  saml2: "urn:ietf:params:oauth:grant-type:saml2-bearer",
  exchange: "urn:ietf:params:oauth:grant-type:token-exchange",
} as const;

const client = v.pipe(
  v.strictObject({
    /** The `client_id`. */
    id: identifier,
    /**
     * Redirect URIs, compared character by character. Needed for `authorization_code`. Default: none.
     *
     * @example ["https://app.example.com/callback"]
     */
    redirectUris: v.optional(
      v.pipe(
        v.array(redirectUri),
        v.check((uris) => new Set(uris).size === uris.length, "each redirect URI once"),
      ),
      [],
    ),
    /**
     * How the client proves who it is. `none`: a public client, with PKCE. `api-key`: an API key of `apiKeys` without a
     * tenant, whose subject is the client's `id`. Or a JWT that is signed with a key of the client (`private_key_jwt`, RFC 7523).
     * Default: `none`.
     *
     * @example { jwksUri: "https://app.example.com/jwks.json" }
     */
    authentication: v.optional(
      v.union([v.picklist(["none", "api-key"]), keysByUrl, keysInside], '"none", "api-key", { jwksUri } or { jwks }'),
      "none",
    ),
    /** What the client may ask for tokens with. Default: `authorization_code`. */
    grants: v.optional(
      v.pipe(v.array(v.picklist(Object.keys(GRANT_TYPES) as [keyof typeof GRANT_TYPES])), v.minLength(1)),
      ["authorization_code"],
    ),
    /** Connections through which the client's users log in. Default: all. */
    connections: v.optional(v.pipe(v.array(identifier), v.minLength(1))),
    /** Resources for which the client gets tokens: members of `federation.resources`. Default: all. */
    resources: v.optional(v.pipe(v.array(resource), v.minLength(1))),
    /** Scopes that tokens of the client may have at most. Default: those that the caller has. */
    scopes: v.optional(v.array(scopeToken)),
  }),
  v.forward(
    v.check(
      ({ grants, redirectUris }) => !grants.includes("authorization_code") || redirectUris.length > 0,
      "`redirectUris`, or `grants` without authorization_code",
    ),
    ["redirectUris"],
  ),
  v.forward(
    v.check(
      ({ grants, authentication }) =>
        authentication !== "none" || grants.every((each) => each === "authorization_code"),
      "`authentication` for every grant but authorization_code: a public client proves nothing",
    ),
    ["authentication"],
  ),
);

const section = v.pipe(
  v.strictObject({
    /**
     * The `iss` of the tokens, and the origin of every URL of the login. https, without a path.
     *
     * @example "https://login.example.com"
     */
    issuer: origin,
    /** Name or ARN of the DynamoDB table of logins, codes, used assertions and signing keys. */
    table: text,
    /**
     * APIs for which tokens are issued: values of `aud`. Of a request that names none, it is the first for which the
     * client gets tokens.
     */
    resources: v.pipe(oneOrMore(resource), v.maxLength(50)),
    /**
     * Whose credentials may be exchanged for tokens (RFC 8693), besides those of people who log in here: issuers of `jwt`,
     * `saml` and `apiKeys`. `name` stands before the subject in `sub`, so that no two issuers share a subject. Default:
     * none.
     *
     * @example [{ name: "staff", issuer: "https://id.example.com" }, { name: "partners", issuer: "api-keys:live" }]
     */
    subjectTokens: v.optional(
      v.pipe(
        v.array(
          v.strictObject({
            /** A name of its own, also among the connections. */
            name: identifier,
            /** An `iss`, an entity ID, or `api-keys:<environment>`. */
            issuer: text,
          }),
        ),
        eachOnce("name", "each name once"),
        eachOnce("issuer", "each issuer once"),
      ),
      [],
    ),
    /** Applications that may ask for tokens. */
    clients: v.pipe(v.array(client), v.minLength(1), eachOnce("id", "each client once")),
    /**
     * The key that signs the tokens. `kms`: keys of AWS KMS, which the scheduled function makes and rotates. Or the place
     * of a private RSA key, PEM, for development only: the process then has it.
     *
     * @example "kms"
     */
    signing: v.union(
      [
        v.literal("kms"),
        v.strictObject({
          /** The place of the private key, PEM. Development only. */
          development: secretSource,
        }),
      ],
      '"kms" or { development }',
    ),
    /** Seconds for which a token is valid at most, 300 to 900. Default: 600. */
    tokenLifetime: v.optional(seconds(300, 900), 600),
    /** Seconds for which a user may take for a login, 60 to 3600. Default: 600. */
    loginLifetime: v.optional(seconds(60, 3600), 600),
    /**
     * Key for signed AuthnRequests, where a connection wants them: private RSA key and its certificate, PEM. Default:
     * requests are not signed.
     */
    requestSigning: v.optional(
      v.strictObject({
        /** The place of the private key, PEM. */
        key: secretSource,
        /** Its certificate, PEM or base64, for the metadata. */
        certificate: text,
      }),
    ),
    /**
     * What follows if node-saml, the second opinion, refuses an assertion that was verified. `report`: an event and a line
     * in the log. `refuse`: the login is refused too. A contradiction always refuses. Default: `report`.
     */
    secondOpinion: v.optional(v.picklist(["report", "refuse"]), "report"),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { clients, resources } = dataset.value;
    for (const [index, { resources: wanted = [] }] of clients.entries()) {
      const unknown = wanted.find((each) => !resources.includes(each));
      if (unknown === undefined) continue;
      addIssue({
        message: `resources of \`federation.resources\`: ${resources.join(", ")}`,
        path: [
          { type: "object", origin: "value", input: dataset.value, key: "clients", value: clients },
          { type: "array", origin: "value", input: clients, key: index, value: clients[index] },
        ],
      });
    }
  }),
);

type Section = typeof section;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface FederationSchema extends Section {}
export const federationConfig: FederationSchema = section;

export type FederationConfig = v.InferOutput<typeof federationConfig>;
export type FederationClient = FederationConfig["clients"][number];
