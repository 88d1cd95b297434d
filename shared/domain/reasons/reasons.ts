/**
 * Every reason why the authorizer does not allow a request. A reason is a stable code. It is logged, counted and, on a
 * Deny, available to the gateway response as `context.reason`. It never contains data of the caller. `docs/reasons.md`
 * lists the same codes, which a test checks.
 */

/** The credential is missing or not valid. The outcome is `unauthenticated` (401). */
export const REJECTIONS = {
  credential_missing: "The request carries no credential where one may stand.",
  credential_unrecognised: "No provider recognises any of the credentials presented.",
  credential_too_large: "A credential is longer than its provider accepts.",
  credential_misplaced: "A credential stands where the authorizer's cache does not look.",
  credential_ambiguous:
    "The header that the authorizer's cache looks at occurs twice, and only one of them may be the cache's key.",
  credential_rejected: "A provider of the project's own rejects the credential.",
  credential_too_many: "The request carries more credentials than the configuration allows.",

  token_malformed:
    "The JWT is not a compact JWS of strict base64url and plain JSON objects without duplicate members, or the opaque token has characters that no bearer token may have.",
  token_header_not_allowed: "The JWT header asks for an extension (`crit`, `zip`, `b64`) that is not supported.",
  token_algorithm_not_allowed: "The JWT is signed with an algorithm its issuer's entry does not list.",
  token_type_not_allowed:
    "The token is of a kind that its issuer's entry does not accept: by its `typ`, or by a claim that announces another kind.",
  token_confirmation_unsupported:
    "The token is bound to a key by `cnf`, and this authorizer cannot verify that its caller has that key.",
  token_confirmation_missing: "The token is not bound to a key of its sender, which its issuer's entry requires.",
  token_confirmation_cached:
    "The token is bound to a key of its sender, and the answer to the request is cached, or may be.",
  token_certificate_missing: "The token is bound to a client certificate, and the request came without one.",
  token_certificate_mismatch: "The token is bound to another client certificate.",

  dpop_scheme_missing: "The token is bound to a DPoP key, and was not presented with the scheme `DPoP`.",
  dpop_token_unbound: "The token was presented with the scheme `DPoP`, and is not bound to a DPoP key.",
  dpop_proof_missing: "The request has no DPoP proof.",
  dpop_proof_ambiguous: "The request has more than one DPoP proof.",
  dpop_proof_malformed: "The DPoP proof is not a JWT of the type `dpop+jwt` with a public key and the required claims.",
  dpop_algorithm_not_allowed: "The DPoP proof is signed with an algorithm that `dpop.algorithms` does not list.",
  dpop_key_weak: "The key of the DPoP proof is too weak to prove anything.",
  dpop_key_mismatch: "The DPoP proof is signed with another key than the one that the token is bound to.",
  dpop_token_mismatch: "The DPoP proof was made for another token.",
  dpop_method_mismatch: "The DPoP proof was made for another method.",
  dpop_url_mismatch: "The DPoP proof was made for another URL.",
  dpop_path_unclear: "The spelling of the called path is not certain, so that no DPoP proof can be compared with it.",
  dpop_proof_expired: "The DPoP proof was made longer ago than `dpop.maxAge` allows.",
  dpop_proof_in_future: "The DPoP proof was made in the future.",
  dpop_signature_invalid: "The DPoP proof's signature does not verify.",
  dpop_proof_replayed: "The DPoP proof was used before.",
  dpop_nonce_missing: "The DPoP proof has no `nonce`, and `dpop.nonce` asks for one of the server's.",
  dpop_nonce_expired: "The `nonce` of the DPoP proof is none that the server gives out now.",
  token_issuer_unknown: "No configured issuer has the JWT's `iss`, or the answer about an opaque token names another.",
  token_audience_mismatch: "The token's `aud` names none of the configured audiences.",
  token_client_not_allowed: "The token was issued to a client that its issuer's entry does not list.",
  token_expired: "The token's `exp` has passed.",
  token_expiry_missing: "The JWT has no usable `exp`.",
  token_not_yet_valid: "The token's `nbf` lies in the future.",
  token_issued_in_future: "The token's `iat` lies in the future.",
  token_too_old: "The token was issued longer ago than `maxTokenAge` allows.",
  token_subject_missing: "The token has no usable subject claim.",
  token_claim_invalid: "A claim that the configuration maps or requires is missing or of the wrong type.",
  token_key_unknown: "The issuer publishes no key that fits the JWT's `kid` and algorithm.",
  token_key_weak: "The key that would verify the JWT is too weak to prove anything.",
  token_signature_invalid: "The JWT's signature does not verify.",
  token_inactive: "The issuer's server says that the token is not active: expired, revoked, or never issued.",

  assertion_malformed: "The SAML credential is not strict base64 (or DEFLATE and base64url) of well-formed XML.",
  assertion_xml_forbidden:
    "The XML holds a document type, a processing instruction, a comment, CDATA or an entity reference.",
  assertion_structure_invalid:
    "The XML is not one SAML 2.0 Response or Assertion with exactly one assertion in its place.",
  assertion_too_complex: "The XML has more elements, attributes, references or depth than a credential needs.",
  assertion_encrypted: "The assertion is encrypted and no key is configured, or its NameID or an attribute is.",
  assertion_decryption_failed: "The encrypted assertion cannot be opened with the configured keys.",
  assertion_issuer_unknown: "No configured identity provider has the assertion's (or Response's) Issuer.",
  assertion_unsigned: "The assertion is not covered by a signature.",
  assertion_signature_invalid: "A signature in the XML does not verify with the identity provider's certificates.",
  assertion_algorithm_not_allowed: "A signature, digest or encryption algorithm, or the key's size, is not allowed.",
  assertion_certificate_invalid:
    "No certificate of the identity provider is within its dates, or its metadata have ended.",
  assertion_status_not_success: "The Response's Status is not Success.",
  assertion_destination_mismatch: "The Response's Destination is not one of the configured recipients.",
  assertion_audience_mismatch: "The assertion's AudienceRestriction does not name the configured audience.",
  assertion_recipient_mismatch: "The bearer confirmation's Recipient is not one of the configured recipients.",
  assertion_address_mismatch: "The bearer confirmation's Address is not the caller's.",
  assertion_confirmation_missing: "The subject has no usable bearer confirmation.",
  assertion_condition_unknown:
    "The assertion carries a condition that is unknown, or OneTimeUse without a `replayTable`.",
  assertion_expired: "The assertion, its confirmation or its session has expired, or is older than the entry allows.",
  assertion_expiry_missing:
    "Nothing in the assertion says when it ends, or how old its authentication is where the entry limits that.",
  assertion_not_yet_valid: "The assertion's NotBefore lies in the future.",
  assertion_issued_in_future: "The assertion's IssueInstant or AuthnInstant lies in the future.",
  assertion_subject_missing:
    "The assertion has no NameID, or mapped attribute, that can name a caller, or its NameID is for another service.",
  assertion_replayed: "The assertion may be used once, and was used before.",
  assertion_once_cached: "The assertion may be used once, and API Gateway or AppSync caches the answer to it.",
  assertion_attribute_invalid:
    "An attribute is hostile, not of the shape the configuration maps, or there twice where one value is wanted.",

  key_malformed: "The API key does not have the shape of one.",
  key_checksum_mismatch: "The API key's checksum is wrong: a typo or a guess. No database was read.",
  key_environment_mismatch: "The API key belongs to another environment.",
  key_unknown: "No API key has this id.",
  key_mismatch: "The API key's secret is not the one on record.",
  key_secret_replaced: "The API key's secret was replaced by a rotation, and its grace has ended.",
  key_disabled: "The API key is disabled.",
  key_revoked: "The API key was revoked.",
  key_expired: "The API key has expired.",

  subject_disabled: "The subject of the credential is disabled in the table of entitlements.",
  tenant_disabled: "The tenant of the credential is disabled in the table of entitlements.",
  token_revoked:
    "The credential was revoked in the table of entitlements: by its id, or with all that its subject or tenant had been issued.",
  entitlement_tenant_mismatch: "The table of entitlements has another tenant for the subject than its credential.",
  subject_not_entitled:
    "The table of entitlements has no rights for the subject, and `entitlements.rights` is `replace`.",
} as const;

/** The caller is known but may not use the route. The outcome is `deny` (403). */
export const DENIALS = {
  route_not_granted: "No rule grants this route to this caller.",
  route_denied: "A deny rule covers this route for this caller.",
  vpc_endpoint_not_allowed: "The caller may use the route through other VPC endpoints only.",
  address_not_allowed: "The caller's address is outside the addresses its credentials or the rule allow.",
  tenant_mismatch: "The credentials presented together belong to different tenants.",
  principals_conflict: "The credentials presented together do not make one caller.",
} as const;

/** Something failed before a decision was made. The outcome is `unavailable` (500), and nothing is cached. */
export const TROUBLES = {
  key_set_unavailable:
    "The issuer's key set could not be fetched, may not be fetched again yet, or holds nothing usable.",
  introspection_unavailable:
    "The issuer's server could not be asked about the token, did not answer in time or as the standard has it, or may not be asked yet.",
  metadata_unavailable: "The identity provider's metadata could not be read or hold nothing usable.",
  replay_store_unavailable: "The table of used assertions or DPoP proofs could not be written.",
  key_store_unavailable: "The API-key table could not be read.",
  decision_too_late: "The decision was made too late after the API key's record, or the entitlements, were asked for.",
  key_record_invalid: "The API key's record in the table is damaged.",
  entitlements_unavailable: "The table of entitlements could not be read.",
  entitlement_record_invalid: "A record in the table of entitlements that the request needs is damaged.",
  secret_unavailable: "A secret of the configuration could not be opened.",
  provider_failed: "A provider failed in a way it does not name.",
  policy_too_large: "The policy or the result would exceed what API Gateway accepts.",
  request_facts_cached:
    "A provider of the project's own asks for facts of one request, and the answer may be served to others.",
  simple_response_cached:
    "A simple response would be cached and served for other routes or addresses than the one it was made for.",
  event_not_supported: "The event is of no kind that the authorizer serves.",
  deadline_exceeded: "The decision would not have been ready before the function's timeout.",
  internal_error: "An unexpected failure.",
} as const;

/** Why an accepted credential needs attention. Logged as `warnings`. */
export const WARNINGS = {
  certificate_out_of_dates: "The assertion is signed with a key whose certificate is out of its dates.",
  key_secret_superseded: "The API key has a newer secret; the one presented is refused when its grace ends.",
} as const;

export type CredentialWarning = keyof typeof WARNINGS;
export type Rejection = keyof typeof REJECTIONS;
export type Denial = keyof typeof DENIALS;
export type Trouble = keyof typeof TROUBLES;
export type Reason = Rejection | Denial | Trouble;
