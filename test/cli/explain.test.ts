import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fromCurl } from "../../cli/explain/from-curl.ts";
import { APIS, type ApiName } from "../../local/events/apis.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { configOf, NOW } from "../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "../providers/jwt/mint.ts";
import * as saml from "../providers/saml/fixture.ts";
import { inProcess } from "./in-process.ts";

const key = rsaKey();
const CONFIG: Partial<SallyportConfig> = {
  jwt: {
    issuers: [
      {
        issuer: ISSUER,
        audience: AUDIENCE,
        keys: { jwks: { keys: [key.jwk as { kty: string }] } },
        claims: { tenant: "tenant" },
      },
    ],
  },
  appSync: { fields: ["Query.a", "Query.b"] },
  routes: [
    { name: "whoami", methods: ["GET"], paths: ["/whoami"], webSocket: true, fields: ["Query.a"] },
    { name: "office", methods: ["GET"], paths: ["/tenants/{tenant}/orders"], addresses: ["192.0.2.0/24"] },
  ],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Options added to the configuration of the next command. */
let more: Partial<SallyportConfig> = {};

const explain = (...argv: string[]) =>
  inProcess(["explain", ...argv, "--time", String(NOW)], { config: async () => configOf({ ...CONFIG, ...more }) });

const token = mint(key, claims({ tenant: "acme" }));

async function eventFile(api: ApiName, authorization = `Bearer ${token}`) {
  const file = join(folder, "event.json");
  const request = {
    method: "GET",
    path: "/whoami",
    resource: "/whoami",
    headers: { Authorization: authorization },
    address: "203.0.113.7",
    stage: "prod",
    time: NOW,
  };
  await writeFile(file, JSON.stringify(APIS[api].eventOf(request)));
  return file;
}

describe("an event", () => {
  test("is explained step by step for people", async () => {
    const { code, stdout } = await explain(await eventFile("rest-request"));
    expect(code).toBe(0);
    for (const text of [
      "Request    GET /whoami (rest-request)",
      `✓ bearer in header authorization, ${token.length} characters: jwt: authenticated`,
      '  jwt "alice"\n    kind       user, by subject_is_not_client\n',
      "  ✓ whoami  allow  for this route: GET /whoami, $connect, Query.a\n",
      "  - office  allow  for another route: GET /tenants/acme/orders\n" +
        "                   from 192.0.2.0/24; the caller is at 203.0.113.7, outside\n",
      "  allow  GET /whoami ",
      "  deny   POST /tenants/acme/orders ",
      "Outcome: allow",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  test("is explained without the policy's JSON, unless --policy asks for it", async () => {
    const file = await eventFile("rest-request");
    expect((await explain(file)).stdout).not.toContain("2012-10-17");
    expect((await explain(file, "--policy")).stdout).toMatch(/^Policy\n {2}\{\n {4}"Version": "2012-10-17"/m);
  });

  test("says of a caller with several credentials what each proves", async () => {
    more = {
      saml: {
        ...{ audience: saml.AUDIENCE, recipients: saml.RECIPIENT },
        identityProviders: [{ issuer: saml.ISSUER, certificates: [saml.identity.certificate] }],
      },
      merge: { samePerson: { subject: true } },
      routes: [{ name: "admin", methods: ["GET"], paths: ["/whoami"], roles: { anyOf: ["admin"] } }],
    };
    const both = `Bearer ${token}, SAML ${saml.issue({ subject: "alice" })}`;
    const { stdout } = await explain(await eventFile("rest-request", both));
    expect(stdout).toMatch(/^Caller\n {2}subject +alice$/m);
    expect(stdout).toContain(
      '  ✗ admin  allow  jwt "alice": needs role "admin"; the caller has none\n' +
        '                  saml "alice": needs role "admin"; the caller has none\n',
    );
    const strangers = `Bearer ${token}, SAML ${saml.issue({ subject: "bob" })}`;
    const conflict = await explain(await eventFile("rest-request", strangers));
    expect(conflict.stdout).toContain("Outcome: deny, principals_conflict\n  The credentials presented together");
    expect(conflict.stdout).toMatch(/jwt "alice" +expected +one client, and one person/);
    expect(conflict.stdout).toContain("not looked at: there is no caller");
    more = {};
  });

  test("is explained as one JSON object, with what decided about each route", async () => {
    const { stdout } = await explain(await eventFile("rest-request"), "--json");
    const { routes, rules, outcome, policy } = JSON.parse(stdout);
    expect([outcome, policy.Version]).toEqual(["allow", "2012-10-17"]);
    expect(rules).toEqual([
      {
        ...{ rule: "whoami", effect: "allow", applies: true, forRoute: true, obstacles: [] },
        ...{ routes: ["GET /whoami", "$connect"], fields: ["Query.a"] },
      },
      {
        ...{ rule: "office", effect: "allow", applies: true, forRoute: false, obstacles: [] },
        ...{ routes: ["GET /tenants/acme/orders"], fields: [] },
        addresses: { holdsFor: ["192.0.2.0/24"], caller: "203.0.113.7", isWithin: false },
      },
    ]);
    expect(routes).toContainEqual({
      api: "RestApi",
      method: "GET",
      path: "/whoami",
      effect: "allow",
      why: expect.stringMatching(
        /^statement 0: DateLessThan aws:CurrentTime .* and IpAddress aws:SourceIp 203\.0\.113\.7\/32$/,
      ),
    });
    expect(routes).toContainEqual(expect.objectContaining({ path: "/tenants/acme/orders", effect: "explicit-deny" }));
    const metadata = "/.well-known/oauth-protected-resource";
    expect(routes).toContainEqual(expect.objectContaining({ path: metadata, effect: "open" }));
  });

  test.each(Object.keys(APIS) as ApiName[])("of %s is explained with the routes of its API", async (api) => {
    const { code, stdout } = await explain(await eventFile(api), "--json");
    expect(code).toBe(0);
    const { routes, deniedFields } = JSON.parse(stdout);
    if (api === "appsync") expect(deniedFields).toEqual(["Query.b"]);
    else expect(routes.some(({ effect }: { effect: string }) => effect === "allow")).toBe(true);
  });

  test("is explained with the reason and exit code 1 when it is refused", async () => {
    const expired = mint(key, claims({ exp: NOW }));
    const { code, stdout } = await explain(await eventFile("rest-request", `Bearer ${expired}`));
    expect(code).toBe(1);
    expect(stdout).toContain("jwt: rejected: token_expired");
    expect(stdout).toContain("Outcome: unauthenticated, token_expired");
    expect(stdout).toContain(
      "    exp  expected  later than 2026-03-02T10:00:00Z, the time of the request\n" +
        "         found     2026-03-02T10:00:00Z, the same second\n",
    );
  });

  test("is explained without its credential, whatever the outcome", async () => {
    for (const authorization of [`Bearer ${token}`, `Bearer ${token}x`, "Basic c2VjcmV0OnNlY3JldA=="]) {
      for (const format of [[], ["--json"]]) {
        const { stdout, stderr } = await explain(await eventFile("rest-request", authorization), ...format);
        for (const part of authorization.split(/[ .]/).slice(1)) expect(stdout + stderr).not.toContain(part);
      }
    }
  });
});

describe("the cache key", () => {
  const curl = `curl -H 'Authorization: Bearer ${token}' http://h/prod/whoami`;
  const twice = `${curl} -H 'X-User-Token: Bearer a.b.c'`;

  test("is Authorization by default, as for the function", async () => {
    vi.stubEnv("SALLYPORT_CACHED_BY", undefined);
    const { stdout } = await explain("--curl", curl);
    expect(stdout).toContain("Cached by  the headers that the function names: authorization");
  });

  test("comes from an option, or from the environment variable of the function", async () => {
    more = { credentials: { headers: { "x-user-token": "bearer" } } };
    const outcomeWith = async (...options: string[]) =>
      JSON.parse((await explain("--curl", twice, "--json", ...options)).stdout);
    expect(await outcomeWith("--cached-by", "authorization")).toMatchObject({ reason: "credential_misplaced" });
    const uncached = { cachedBy: "nothing", reason: "token_malformed" };
    expect(await outcomeWith("--cached-by", "none")).toMatchObject(uncached);
    vi.stubEnv("SALLYPORT_CACHED_BY", "none");
    expect(await outcomeWith()).toMatchObject(uncached);
    expect(await outcomeWith("--cache-ttl", "60")).toMatchObject({ reason: "credential_misplaced" });
    vi.unstubAllEnvs();
    more = {};
  });

  test.each(["http-1.0", "http-2.0"])(
    "is what a curl command to %s is told with, as by its identity sources",
    async (api) => {
      more = { credentials: { headers: { "x-user-token": "bearer" } } };
      const explained = async (by: string, header: string) => {
        const command = `curl -H '${header}: Bearer ${token}' http://h/prod/whoami`;
        const { stdout } = await explain("--curl", command, "--api", api, "--json", "--cached-by", by);
        return JSON.parse(stdout);
      };
      const cachedBy = "the headers that the function names: authorization, and the identity sources of the event";
      expect(await explained("authorization", "authorization")).toMatchObject({ cachedBy, outcome: "allow" });
      expect(await explained("authorization", "X-User-Token")).toMatchObject({ reason: "credential_misplaced" });
      expect(await explained("none", "X-User-Token")).toMatchObject({ cachedBy: "nothing", outcome: "allow" });
      more = {};
    },
  );

  test("is shown without its values, because they contain credentials", async () => {
    const { stdout } = await explain(await eventFile("http-2.0"), "--json");
    expect(JSON.parse(stdout).cachedBy).toMatch(/authorization, and the identity sources of the event$/);
    expect(stdout).not.toContain(token);
  });

  test("is refused when the option is wrong", async () => {
    expect(await explain("--curl", curl, "--cached-by", "a b")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("SALLYPORT_CACHED_BY: found"),
    });
  });
});

describe("a curl command", () => {
  test("is a request from the address of --address", async () => {
    const curl = `curl -s -H "Authorization: Bearer ${token}" https://api.example.com/prod/tenants/acme/orders`;
    const office = await explain("--curl", curl, "--address", "192.0.2.9", "--json");
    expect(JSON.parse(office.stdout).outcome).toBe("allow");
    const elsewhere = await explain("--curl", curl, "--json");
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ outcome: "deny", reason: "address_not_allowed" });
  });

  test.each<[string, object]>([
    ["curl http://h/prod/a?b=c", { method: "GET", path: "/a", query: { b: "c" }, headers: {} }],
    ["curl -X DELETE 'http://h/a'", { method: "DELETE", path: "/a" }],
    ["curl --request PUT -d x http://h/a", { method: "PUT" }],
    ["curl -d '{\"a\": 1}' http://h/a", { method: "POST" }],
    [`curl http://h/a -H 'A: b: c' --header "D: \\"e\\""`, { headers: { A: "b: c", D: '"e"' } }],
    ["curl \\\n  -o /dev/null -sS \\\n  http://h/prod/", { path: "/" }],
    ["curl $'http://h/a' -H $'A: b\\'c'", { headers: { A: "b'c" }, path: "/a" }],
    ["curl -XPOST -sSH 'A: b' --header='C: d' -d@file --max-time 5 --http2 http://h/a", { method: "POST", path: "/a" }],
    ["curl -sSH 'A: b' --header='C: d' '-HE: f' http://h/a", { headers: { A: "b", C: "d", E: "f" } }],
    ["curl --head --url http://h/a", { method: "HEAD", path: "/a" }],
    ["curl -I -b a=b http://h/a --cacert ca.pem", { method: "HEAD", path: "/a", headers: { Cookie: "a=b" } }],
    ["curl --oauth2-bearer a.b.c http://h/a", { headers: { Authorization: "Bearer a.b.c" } }],
    ["curl --json '{}' http://h/a", { method: "POST" }],
    ["curl -u me:secret h.example/a", { headers: { Authorization: "Basic bWU6c2VjcmV0" }, path: "/a" }],
  ])("%s", (command, expected) => {
    expect(fromCurl(command, "prod")).toMatchObject(expected);
  });

  test("keeps a header by a name that every object has", () => {
    const { headers } = fromCurl("curl http://h/a -H '__proto__: x' -H 'constructor: y'", "prod");
    expect(Object.entries(headers)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  test("is refused when a quotation does not end", async () => {
    expect(await explain("--curl", "curl 'http://h/")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("quotation"),
    });
  });

  test.each([
    ["curl -i -H @- http://h/prod/whoami", "cannot read @-"],
    ["curl -s '127.0.0.1:1/header/jwt' | curl -i -H @- http://h/prod/whoami", "one curl command"],
    ["curl --config secret.txt http://h/a", "curl's option --config"],
    ["curl -K secret.txt http://h/a", "curl's option -K"],
    ["curl -H", "a value"],
    ["curl -G --data-urlencode token=secret http://h/a", "curl's option -G"],
  ])("that cannot be followed is refused, not explained without its credential: %s", async (command, message) => {
    const { code, stdout, stderr } = await explain("--curl", command);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret");
  });

  test("is refused without a URL", async () => {
    expect(await explain("--curl", "curl -H 'A: b'")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no URL"),
    });
  });
});

describe("a request that is refused as a whole says why:", () => {
  const curl = (...headers: string[]) => [
    "--curl",
    `curl ${headers.map((each) => `-H '${each}'`).join(" ")} http://h/prod/x`,
  ];

  test.each<[string, string[], RegExp]>([
    [
      "without a credential",
      curl(),
      /credential +expected +one in header authorization, header x-api-key\n.*found +none/,
    ],
    [
      "a credential elsewhere",
      curl("X-Api-Key: sp_live_x"),
      /credentials +expected +each in "authorization", once\n.*found +header x-api-key/,
    ],
    [
      "a credential that nobody recognises",
      curl("Authorization: Basic c2VjcmV0OnNlY3JldA=="),
      /credential +expected +Bearer and a JWT, or ApiKey and a key that begins with sp_\n.*found +20 characters of the scheme other/,
    ],
    [
      "a path that climbs",
      ["--curl", `curl -H 'Authorization: Bearer ${token}' http://h/prod/%2e%2e%2fwhoami`],
      /path +expected +without \.\., and without an encoded dot/,
    ],
    [
      "too many credentials",
      curl(`Authorization: ${Array(5).fill("Bearer a.b.c").join(", ")}`),
      /at most 4 \(maxCount\)\n.*found +5/,
    ],
  ])("%s", async (_, argv, expected) => {
    more = { apiKeys: { table: "t", peppers: [{ id: "p1", secret: { environment: "PEPPER" } }] } };
    expect((await explain(...argv)).stdout).toMatch(expected);
    more = {};
  });
});

describe("exits with 2 for", () => {
  test.each<[string, string[]]>([
    ["no event", []],
    ["two events", ["a.json", "b.json"]],
    ["an unknown API", ["--curl", "curl http://h/", "--api", "soap"]],
    ["an unknown option", ["--jsno"]],
    ["an address that is none", ["--curl", "curl http://h/", "--address", "1.2.3"]],
    ["a stage that is none", ["--curl", "curl http://h/", "--stage", "a/b"]],
    ["a cache's headers that are none", ["--curl", "curl http://h/", "--cached-by", "a b"]],
    ["a cache's time that is none", ["--curl", "curl http://h/", "--cache-ttl", "soon"]],
    ["a command of another program", ["--curl", "wget http://h/"]],
    ["two URLs", ["--curl", "curl http://h/a http://h/b"]],
    ["an URL of no API", ["--curl", "curl ftp://h/a"]],
    ["a header without a colon", ["--curl", "curl -H 'Authorization Bearer' http://h/"]],
    ["an issuer that nobody asks for", ["--curl", "curl http://h/", "--issuer", "a"]],
    ["an address beside an event, which has its own", ["a.json", "--address", "192.0.2.9"]],
    ["a template that does not exist", ["--curl", "curl http://h/", "--template", "none.yaml"]],
  ])("%s", async (_, argv) => {
    expect(await explain(...argv)).toMatchObject({ code: 2, stdout: "" });
  });

  test("an event of no known kind, or that is no JSON", async () => {
    const file = join(folder, "none.json");
    await writeFile(file, "{}");
    expect(await explain(file)).toMatchObject({ code: 2, stderr: expect.stringContaining("no kind") });
    await writeFile(file, "{");
    expect(await explain(file)).toMatchObject({ code: 2, stderr: expect.stringContaining("no JSON") });
  });
});

test("explaining a one-time assertion does not use it up", async () => {
  more = {
    saml: {
      ...{ audience: saml.AUDIENCE, recipients: saml.RECIPIENT, replayTable: "a-table-that-is-nowhere" },
      identityProviders: [{ issuer: saml.ISSUER, certificates: [saml.identity.certificate], replay: "once" }],
    },
  };
  const file = await eventFile("rest-request", `SAML ${saml.issue()}`);
  for (let time = 0; time < 2; time++) {
    expect(await explain(file, "--cached-by", "none")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("saml: authenticated"),
    });
  }
  more = {};
});
