import { expect, test } from "vitest";
import { createDpopCheck } from "../../../providers/confirmation/dpop/dpop-check.ts";
import { memoryStore } from "./fixture.ts";

/** The example of RFC 9449 section 7.1, and the thumbprint of its key of section 6.1. */
const TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
const PROOF = [
  "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0Rsc",
  "EJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In",
  "19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZW",
  "N0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ",
  "9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA",
].join("");

const { signal } = new AbortController();
const WANTED = {
  request: { proofs: [PROOF], method: "GET", path: "/protectedresource" },
  token: TOKEN,
  thumbprint: THUMBPRINT,
  time: 1_562_262_620,
};

function check(changed: Partial<typeof WANTED> = {}) {
  const origins = ["https://resource.example.org"];
  const config = {
    ...{ origins, replayTable: "proofs", algorithms: ["ES256" as const], maxAge: 60, clockTolerance: 30 },
  };
  const { prepare } = createDpopCheck(config, async () => memoryStore());
  return Promise.try(async () => prepare({ ...WANTED, ...changed })(signal));
}

test("the proof of RFC 9449 section 7.1 is accepted for its request, its token and its key", async () => {
  await expect(check()).resolves.toBeUndefined();
});

test.each([
  ["another method", { request: { ...WANTED.request, method: "POST" } }, "dpop_method_mismatch"],
  ["another URL", { request: { ...WANTED.request, path: "/other" } }, "dpop_url_mismatch"],
  ["another token", { token: `${TOKEN}x` }, "dpop_token_mismatch"],
  ["another key", { thumbprint: THUMBPRINT.replace("0", "1") }, "dpop_key_mismatch"],
  ["another time", { time: WANTED.time + 60 }, "dpop_proof_expired"],
])("and refused for %s", async (_title, changed, reason) => {
  await expect(check(changed)).rejects.toThrow(reason);
});
