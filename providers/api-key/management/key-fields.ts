import * as v from "valibot";
import { cidr } from "../../../shared/domain/config/common.ts";
import { isIdentifier } from "../../../shared/domain/principal/name.ts";
import { name as anyName, scope as anyScope, attributes, metadata } from "../record.ts";
import { holdsKey } from "./key-in-text.ts";

/**
 * Narrower than what a record may hold, which records issued earlier do: where no caller's address is known, a policy
 * names all of a key's addresses, several times, and the context its attributes. Both share 8 KB with the routes.
 */
const MAX_ADDRESSES = 64;
/** As many as a record may hold. */
const MAX_LIST = 256;
const MAX_ATTRIBUTE_LENGTH = 1024;

/** A key in a text would come to everybody who reads the record, and with events to many more. */
const NO_KEY = "text without an API key in it";
const name = v.pipe(
  anyName,
  v.check((text) => !holdsKey(text), NO_KEY),
);
const scope = v.pipe(
  anyScope,
  v.check((text) => !holdsKey(text), NO_KEY),
);
const haveNoKey = (values: Readonly<Record<string, unknown>>) =>
  !Object.entries(values).some(([each, value]) => holdsKey(each) || holdsKey(String(value)));

/** A record that was issued earlier may have white space at the edges of its subject, owner or tenant. */
const identifier = v.pipe(
  v.custom<string>(
    isIdentifier,
    "text of 1 to 256 characters without control characters, and without white space at its edges",
  ),
  v.check((text) => !holdsKey(text), NO_KEY),
);

/** What operators may set of a key, when it is issued and later. */
export const keyFields = {
  /** Display name of the key. */
  name,
  /** Who answers for the key: a team or a partner. Default: nobody. */
  owner: identifier,
  /** Identifier of the caller. Default: the ID of the key. */
  subject: identifier,
  /** Tenant of the caller. Default: none. */
  tenant: identifier,
  /** Scopes of the caller. Default: none. */
  scopes: v.pipe(v.array(scope), v.maxLength(MAX_LIST, `up to ${MAX_LIST} scopes`)),
  /** Roles of the caller. Default: none. */
  roles: v.pipe(v.array(name), v.maxLength(MAX_LIST, `up to ${MAX_LIST} roles`)),
  /** Addresses and CIDR ranges from which the key may be used, up to 64. Default: any. */
  addresses: v.pipe(v.array(cidr), v.maxLength(MAX_ADDRESSES, `up to ${MAX_ADDRESSES} addresses and ranges`)),
  /** Values for the backend, by their names in its context; texts of up to 1,024 characters. Default: none. */
  attributes: v.pipe(
    attributes,
    v.check((given) => !Object.hasOwn(given, "keyId"), "names other than keyId, which is set to the ID of the key"),
    v.check(
      (given) => Object.values(given).every((value) => String(value).length <= MAX_ATTRIBUTE_LENGTH),
      "texts of up to 1,024 characters",
    ),
    v.check((given) => haveNoKey(given), "texts without an API key in them"),
  ),
  /** Texts for the operators, by their names. Default: none. */
  metadata: v.pipe(
    metadata,
    v.check((given) => haveNoKey(given), "texts without an API key in them"),
  ),
  /** Value of an API Gateway API key for usage plans, 20 to 128 characters. Default: none. */
  usageIdentifierKey: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{20,128}$/, "20 to 128 letters, digits, '-' or '_'")),
  /** Seconds until the key expires. Default: the key does not expire. */
  expiresIn: v.pipe(v.number(), v.integer(), v.minValue(1)),
} as const;
