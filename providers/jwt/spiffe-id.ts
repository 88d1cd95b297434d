/** A path segment of a SPIFFE ID (SPIFFE-ID section 2.2): not empty, and no dot segment. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;

/** Longest SPIFFE ID, in bytes (SPIFFE-ID section 2.3). */
const MAX_LENGTH = 2048;

/**
 * Whether a subject is the SPIFFE ID of a workload in a trust domain, in its one spelling: with a path, and without
 * query, fragment, user and port (https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md).
 */
export function isWorkloadIn(trustDomain: string, subject: unknown): boolean {
  const start = `spiffe://${trustDomain}`;
  return (
    typeof subject === "string" &&
    subject.length <= MAX_LENGTH &&
    subject.startsWith(`${start}/`) &&
    PATH.test(subject.slice(start.length))
  );
}
