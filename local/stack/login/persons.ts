/** Somebody who can log in at the local identity provider. */
export interface Person {
  readonly id: string;
  /** What is to be seen with this person. */
  readonly about: string;
  readonly tenant: string;
  /** Separated by spaces. */
  readonly scopes: string;
  readonly roles: readonly string[];
}

export const PERSONS: readonly Person[] = [
  {
    ...{ id: "alice", tenant: "acme", scopes: "orders:read orders:write", roles: ["buyer"] },
    about: "of acme, reads and places orders",
  },
  { id: "bob", tenant: "acme", scopes: "", roles: [], about: "of acme, has no scope: orders are refused" },
  { id: "carol", tenant: "globex", scopes: "orders:read", roles: [], about: "of globex, reads orders" },
];
