import { APIS } from "../../../local/events/apis.ts";
import type { Attempt } from "./attempt.ts";

/** Client certificates in PEM. */
export type Certificates = Readonly<Record<string, string>>;

const isBoundToKey = ({ token: { cnf } }: Attempt) => cnf !== undefined && "key" in cnf;
export const schemeOf = (attempt: Attempt) =>
  attempt.scheme !== "as-bound" ? attempt.scheme : isBoundToKey(attempt) ? "DPoP" : "Bearer";

/** The path as the event of a kind of API says it: HTTP APIs decode, and cut at a decoded question mark. */
export function pathOf({ api, base, path }: Attempt): string {
  const called = `${base}${path}`;
  return api.startsWith("http") ? (decodeURIComponent(called).split("?")[0] ?? "") : called;
}

/** The event of an attempt, as its kind of API sends it. */
export function eventOf(attempt: Attempt, token: string, proof: string, certificates: Certificates, now: number) {
  const { api, method, path, header, certificate, sources } = attempt;
  const authorization = `${schemeOf(attempt)} ${token}`;
  const forged = {
    "X-Forwarded-Host": "evil.example",
    "X-Amzn-Mtls-Clientcert": encodeURIComponent(certificates.own ?? ""),
  };
  const two = `${proof.slice(0, -9)}AAAAAAAAA`;
  const values: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    ...{ none: {}, one: { DPoP: [proof] }, lower: { dpop: [proof] }, two: { DPoP: [proof, two] } },
    ...{ cases: { DPoP: [proof], dpop: [two] }, joined: { DPoP: [`${proof},${two}`] }, empty: { DPoP: [""] } },
  };
  const proofs = values[header] ?? {};
  const request = {
    ...{ method, path: "/whoami", resource: "/{proxy+}", stage: "prod", address: "192.0.2.1", time: now },
    headers: { Authorization: authorization, ...forged },
  };
  const event = structuredClone(APIS[api].eventOf(request)) as Record<string, unknown>;
  const context = (event.requestContext ?? {}) as Record<string, unknown>;
  const pem = certificates[certificate];
  const clientCert = pem === undefined ? null : { clientCertPem: pem, subjectDN: "CN=client" };
  const list =
    sources === "none" ? null : sources === "token" ? [authorization] : [authorization, certificates[sources] ?? ""];
  const headers = event.headers as Record<string, string>;
  if (api === "http-2.0") {
    for (const [name, each] of Object.entries(proofs)) {
      const known = headers[name.toLowerCase()];
      headers[name.toLowerCase()] = [...(known === undefined ? [] : [known]), ...each].join(",");
    }
    (context.http as Record<string, unknown>).path = pathOf(attempt);
    event.rawPath = pathOf(attempt);
    if (clientCert) context.authentication = { clientCert };
    event.identitySource = list;
  } else if (event.multiValueHeaders) {
    const lists = event.multiValueHeaders as Record<string, readonly string[]>;
    for (const [name, each] of Object.entries(proofs)) {
      headers[name] = each.at(-1) ?? "";
      lists[name] = each;
    }
    context.path = pathOf(attempt);
    event.path = path;
    if (clientCert && context.identity) (context.identity as Record<string, unknown>).clientCert = clientCert;
    if (api === "http-1.0") event.identitySource = event.authorizationToken = list?.join(",") ?? null;
  }
  return event;
}
