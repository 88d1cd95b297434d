/** A login at the local identity provider, as a browser without scripts does it. */

/** The value of a hidden field. */
export const field = (html: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "";

/** A form, whose redirect is not followed. */
export const form = (fields: Readonly<Record<string, string>>) =>
  ({ method: "POST", body: new URLSearchParams(fields), redirect: "manual" }) as const;

/** The `name=value` of the first cookie that an answer sets. */
export const cookieOf = ({ headers }: Response): string => (headers.getSetCookie()[0] ?? "").split(";")[0] ?? "";

/** What the identity provider sends back for a person, and where to. */
export async function answerFor(person: string, to: URL) {
  const page = await (await fetch(to)).text();
  const fields = Object.fromEntries(["SAMLRequest", "RelayState", "binding"].map((name) => [name, field(page, name)]));
  const sent = await (await fetch(new URL("/login/answer", to), form({ ...fields, person }))).text();
  const action = /action="([^"]+)"/.exec(sent)?.[1] ?? "";
  const answer = { SAMLResponse: field(sent, "SAMLResponse"), RelayState: field(sent, "RelayState") };
  return { page, action, answer };
}

/** Where a browser is sent at the end of a login that begins at `url`. */
export async function answeredBy(person: string, url: URL): Promise<URL> {
  const begun = await fetch(url, { redirect: "manual" });
  const { action, answer } = await answerFor(person, new URL(begun.headers.get("location") ?? ""));
  const consumed = await fetch(action, { ...form(answer), headers: { Cookie: cookieOf(begun) } });
  return new URL(consumed.headers.get("location") ?? "");
}
