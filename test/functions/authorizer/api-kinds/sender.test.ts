import { describe, expect, test } from "vitest";
import { kindOf } from "../../../../functions/authorizer/api-kinds/kind-of.ts";
import { APIS, type ApiName } from "../../../../local/events/apis.ts";
import type { LocalRequest } from "../../../../local/events/request.ts";
import { objectOf, type UnknownObject } from "../../../../shared/domain/object/unknown-object.ts";
import { configOf, NOW, UNCACHED } from "../../../fixtures.ts";

/** What is read of an event to confirm its sender: the client's certificate, and what a DPoP proof has to fit. */

const REQUEST: LocalRequest = {
  method: "POST",
  path: "/orders/7",
  resource: "/orders/{id}",
  headers: { Authorization: "DPoP abc", DPoP: "proof" },
  address: "192.0.2.1",
  stage: "prod",
  time: NOW,
  uncached: true,
};

const eventOf = (api: ApiName, request: Partial<LocalRequest> = {}) =>
  APIS[api].eventOf({ ...REQUEST, ...request }) as UnknownObject;
const read = (event: object) => kindOf(event).read(objectOf(event), NOW, configOf(), UNCACHED);

describe("what a DPoP proof has to fit", () => {
  test("is the method and the path with its stage, as API Gateway has them", () => {
    expect(read(eventOf("rest-request")).dpop).toEqual({ proofs: ["proof"], method: "POST", path: "/prod/orders/7" });
    const decoded = { proofs: ["proof"], method: "POST", path: "/prod/orders/7", isDecoded: true };
    expect(read(eventOf("http-1.0")).dpop).toEqual(decoded);
    expect(read(eventOf("http-2.0")).dpop).toEqual(decoded);
  });

  test("has the base path of a custom domain, where API Gateway says that", () => {
    const event = eventOf("rest-request");
    const requestContext = { ...objectOf(event.requestContext), path: "/v1/orders/7" };
    expect(read({ ...event, requestContext }).dpop).toHaveProperty("path", "/v1/orders/7");
  });

  test.each<ApiName>(["rest-token", "websocket", "appsync"])("is not known of %s", (api) => {
    const request = read(eventOf(api));
    expect(request.credentials).toMatchObject([{ scheme: "dpop", value: "abc" }]);
    expect(request.dpop).toBeUndefined();
  });

  test.each<ApiName>(["rest-request", "http-1.0", "http-2.0"])(
    "is not looked for in %s without the scheme DPoP",
    (api) => {
      const headers = { Authorization: "Bearer abc", DPoP: "proof" };
      expect(read(eventOf(api, { headers })).dpop).toBeUndefined();
    },
  );

  test.each<ApiName>(["rest-request", "http-1.0", "http-2.0"])("is trouble if %s does not say the path", (api) => {
    const event = eventOf(api);
    expect(() => read({ ...event, requestContext: { ...objectOf(event.requestContext), path: 1, http: {} } })).toThrow(
      "event_not_supported",
    );
  });

  test("is read from no header that names another method or URL", () => {
    const others = {
      "X-HTTP-Method-Override": "GET",
      "X-Forwarded-Host": "evil",
      "X-Original-URL": "/x",
      Host: "evil",
    };
    const [plain, changed] = [
      read(eventOf("rest-request")),
      read(eventOf("rest-request", { headers: { ...REQUEST.headers, ...others } })),
    ];
    expect(changed.dpop).toEqual(plain.dpop);
  });
});

describe("every proof of a request counts", () => {
  test("in several lines of one header", () => {
    const event = {
      ...eventOf("rest-request"),
      multiValueHeaders: { Authorization: ["DPoP abc"], DPoP: ["one", "two"] },
    };
    expect(read(event).dpop?.proofs).toEqual(["one", "two"]);
  });

  test("under names in other letters", () => {
    const event = {
      ...eventOf("rest-request"),
      multiValueHeaders: { Authorization: ["DPoP abc"], DPoP: ["one"], dpop: ["two"], DPOP: ["three"] },
    };
    expect(read(event).dpop?.proofs).toEqual(["one", "two", "three"]);
  });

  test("and none is an empty list", () => {
    expect(read(eventOf("rest-request", { headers: { Authorization: "DPoP abc" } })).dpop?.proofs).toEqual([]);
  });
});

test.each([
  ["DPoP abc", ["dpop abc"]],
  ["dpop abc", ["dpop abc"]],
  ["DPoP abc, ApiKey def", ["dpop abc", "api-key def"]],
  ["ApiKey def, DPoP abc", ["api-key def", "dpop abc"]],
  ["DPoP abc, Bearer def", ["dpop abc", "bearer def"]],
])("the header `Authorization: %s` holds %j", (Authorization, credentials) => {
  const request = read(eventOf("rest-request", { headers: { Authorization } }));
  expect(request.credentials.map(({ scheme, value }) => `${scheme} ${value}`)).toEqual(credentials);
});

describe("the client's certificate", () => {
  const clientCert = { clientCertPem: "PEM", subjectDN: "CN=a" };

  test("is read where API Gateway writes it", () => {
    for (const api of ["rest-request", "http-1.0"] as const) {
      const event = eventOf(api);
      const context = objectOf(event.requestContext);
      const requestContext = { ...context, identity: { ...objectOf(context.identity), clientCert } };
      expect(read({ ...event, requestContext }).clientCertificate).toBe("PEM");
    }
    const event = eventOf("http-2.0");
    const requestContext = { ...objectOf(event.requestContext), authentication: { clientCert } };
    expect(read({ ...event, requestContext }).clientCertificate).toBe("PEM");
  });

  test("is not there without mutual TLS", () => {
    for (const api of Object.keys(APIS) as ApiName[])
      expect(read(eventOf(api))).not.toHaveProperty("clientCertificate");
    const event = eventOf("rest-request");
    for (const given of [null, {}, { clientCertPem: "" }, { clientCertPem: 1 }, "PEM"]) {
      const context = objectOf(event.requestContext);
      const requestContext = { ...context, identity: { ...objectOf(context.identity), clientCert: given } };
      expect(read({ ...event, requestContext })).not.toHaveProperty("clientCertificate");
    }
  });

  test("is read from no header, in which a proxy may have passed one on", () => {
    const names = ["X-Client-Cert", "X-Amzn-Mtls-Clientcert", "X-SSL-Cert", "Client-Cert", "X-Forwarded-Client-Cert"];
    const headers = { ...REQUEST.headers, ...Object.fromEntries(names.map((name) => [name, "PEM"])) };
    for (const api of Object.keys(APIS) as ApiName[]) {
      expect(read(eventOf(api, { headers }))).not.toHaveProperty("clientCertificate");
    }
  });
});
