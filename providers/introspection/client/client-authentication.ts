import type { KeyObject } from "node:crypto";
import type { Secret } from "../../../shared/infrastructure/secret/open-secret.ts";

/** What a request carries so that the server knows who asks. */
export interface Presented {
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sends the request. Absent: as every other request is sent. */
  readonly fetch?: typeof globalThis.fetch;
}

/** How the authorizer authenticates at a server. */
export interface ClientAuthentication {
  /** The place of its key or secret. */
  readonly secret: Secret;
  /** What the next request carries. A signature is for one request. */
  present(key: KeyObject): Promise<Presented>;
}
