/*
 * The application `web` of the local stack: a public client that logs people in with a code and PKCE (OAuth 2.1), and calls
 * the API with the token that it gets. It is plain, so that it can be read as an example.
 */

const { issuer, clientId, redirectUri, resource, connections, requests } = JSON.parse(
  document.getElementById("settings").textContent,
);

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Sends the browser to the login. The verifier and the state stay in this tab. */
async function logIn(connection) {
  const [verifier, state] = [random(), random()];
  sessionStorage.setItem("login", JSON.stringify({ verifier, state }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    ...{ response_type: "code", client_id: clientId, redirect_uri: redirectUri, resource, connection, state },
    ...{ code_challenge: base64url(digest), code_challenge_method: "S256" },
  });
  location.assign(`${issuer}/authorize?${query}`);
}

/** Takes the answer of the login, exchanges its code for a token, and calls the API. */
async function finish(answer) {
  // The code is in no history, and a reload does not use it twice.
  history.replaceState(null, "", "/login");
  const { verifier, state } = JSON.parse(sessionStorage.getItem("login") ?? "{}");
  sessionStorage.removeItem("login");
  if (!state || answer.get("state") !== state) return say("This answer is of a login that began elsewhere.");
  if (answer.get("iss") !== issuer) return say("This answer is of another login server.");
  const error = answer.get("error");
  if (error) return say(`The login was refused: ${error}. ${answer.get("error_description") ?? ""}`);
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      ...{ grant_type: "authorization_code", client_id: clientId, redirect_uri: redirectUri },
      ...{ code: answer.get("code") ?? "", code_verifier: verifier },
    }),
  });
  const token = await response.json();
  if (!response.ok) return say(`No token: ${token.error}. ${token.error_description ?? ""}`);
  const [header, claims] = token.access_token.split(".").map(decoded);
  say(`Logged in as ${claims.sub}.`);
  show("Access token", { header, claims });
  for (const request of requests) await call(request, token.access_token, claims);
}

async function call({ title, url }, token, claims) {
  try {
    const address = url.replace("{tenant}", encodeURIComponent(claims.tenant ?? ""));
    const response = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
    const text = await response.text();
    show(
      `${title}: ${response.status}`,
      response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text,
    );
  } catch {
    show(`${title}: no answer`, "The API did not answer, or has no CORS that lets this page read its answers.");
  }
}

function decoded(part) {
  if (!part.startsWith("ey")) return undefined;
  const text = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0))));
}

function say(text) {
  document.getElementById("status").textContent = text;
}

function show(title, content) {
  const heading = Object.assign(document.createElement("h2"), { textContent: title });
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
  document
    .getElementById("results")
    .append(heading, Object.assign(document.createElement("pre"), { textContent: text }));
}

for (const connection of connections) {
  const button = Object.assign(document.createElement("button"), { textContent: `Log in at ${connection}` });
  button.addEventListener("click", () => logIn(connection));
  document.getElementById("logins").append(button, " ");
}
const answer = new URLSearchParams(location.search);
if (answer.has("code") || answer.has("error")) await finish(answer);
