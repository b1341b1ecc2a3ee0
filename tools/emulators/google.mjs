// Serves the third-party Google emulator on 127.0.0.1 with our users, our OAuth client and our sample mails.
//
//   node google.mjs [--port 0] [--client-id ..] [--client-secret ..] [--redirect-uri .. ]* [--user "email=Name"]*
//                   [--samples folder] [--samples-to email] [--data file]
//
// Prints one line when it is ready: {"listening":"http://127.0.0.1:4321","imported":30}.
// Where the emulator differs from Google, and what we mend: README.md.
import { readdirSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createServer as createEmulator } from "@emulators/core";
import { googlePlugin, seedFromConfig } from "@emulators/google";
import { Control, googleError } from "./google-control.mjs";
import { currentHistoryId, keep, messageIdOf, subjectOf } from "./google-store.mjs";

const LARGEST_BODY = 80 * 1024 * 1024;
// The emulator answers 403 to a token's 5,000th request in an hour; Google's quota is nothing like that.
const REQUESTS_PER_ALIAS = 4_000;

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "client-id": { type: "string", default: "ingest-local.apps.example" },
    "client-secret": { type: "string", default: "ingest-local-secret" },
    "redirect-uri": { type: "string", multiple: true, default: [] },
    user: {
      type: "string",
      multiple: true,
      default: ["support@acme.example=Acme Support", "billing@acme.example=Acme Billing", "help@globex.example=Globex Help"],
    },
    samples: { type: "string" },
    "samples-to": { type: "string", default: "support@acme.example" },
    data: { type: "string" },
  },
});

const http = createHttpServer((request, response) => {
  serve(request, response).catch((e) => {
    console.error(e.stack);
    response.headersSent ? response.destroy() : response.writeHead(500).end();
  });
});
http.on("error", (e) => {
  console.error(e.message);
  process.exit(1);
});
await new Promise((resolve) => http.listen(Number(options.port), "127.0.0.1", resolve));
const port = http.address().port;
const baseUrl = `http://127.0.0.1:${port}`;

const uses = new Map();
const { app, store, tokenMap } = createEmulator(googlePlugin, { port, baseUrl });
const { gs, refreshTokens } = keep(store, options.data);
const clientId = options["client-id"];
seedFromConfig(store, baseUrl, {
  oauth_clients: [
    { client_id: clientId, client_secret: options["client-secret"], name: "Ingest", redirect_uris: options["redirect-uri"] },
  ],
});
for (const user of options.user) addUser(...user.split("="));
addProfileRoute();
const control = new Control({ gs, allowRedirect, revokeUser, expireUser, importMail });
const imported = options.samples ? await importSamples(options.samples, options["samples-to"]) : 0;
console.log(JSON.stringify({ listening: baseUrl, imported }));

async function serve(incoming, outgoing) {
  const url = new URL(incoming.url, baseUrl);
  const path = url.pathname;
  // Not for pages that reach this port under a name of their own.
  if (!["127.0.0.1", "localhost"].includes((incoming.headers.host ?? "").split(":")[0])) return outgoing.writeHead(421).end();
  const body = await readBody(incoming);
  const request = new Request(url, {
    method: incoming.method,
    headers: Object.entries(incoming.headers).filter(([, value]) => typeof value === "string"),
    body: ["GET", "HEAD"].includes(incoming.method) || body.length === 0 ? undefined : body,
  });
  const ours = path.startsWith("/__control");
  const fault = ours ? null : control.faultFor(incoming.method, path);
  if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.drop === "before") return incoming.socket.destroy();
  const response = ours
    ? await control.handle(request, url, body)
    : fault?.status
      ? googleError(path, fault.status, fault.reason, fault.retryAfter ? { "retry-after": String(fault.retryAfter) } : {})
      : await answer(request, url, body);
  if (fault?.drop === "after") return incoming.socket.destroy();
  if (!ours) {
    control.saw(incoming.method, path, response.status);
    console.log(`${incoming.method} ${path} ${response.status}`);
  }
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

async function answer(request, url, body) {
  if (url.pathname === "/oauth2/revoke" && request.method === "POST") return revokeToken(url, body);
  if (url.pathname.endsWith("/history") && control.isForgotten(url.searchParams.get("startHistoryId"))) {
    return googleError(url.pathname, 404);
  }
  request.headers.set("authorization", `Bearer ${aliasOf(request.headers.get("authorization"))}`);
  const byId = request.method === "GET" && url.pathname.endsWith("/messages") && /(?:^|\s)rfc822msgid:(\S+)/i.exec(url.searchParams.get("q") ?? "");
  if (byId) return foundById(request, url, byId);
  return app.fetch(url.pathname.startsWith("/upload/") ? uploaded(request, body) : request);
}

// The emulator does not know this search, with which one finds out whether a mail was sent.
async function foundById(request, url, [term, messageId]) {
  const asked = new URL(url);
  asked.searchParams.set("q", url.searchParams.get("q").replace(term, "").trim());
  const response = await app.fetch(new Request(asked, request));
  if (!response.ok) return response;
  const bare = (id) => (id ?? "").replace(/^<|>$/g, "");
  const ids = new Set(gs.messages.all().filter((m) => bare(m.message_id) === bare(messageId)).map((m) => m.gmail_id));
  const page = await response.json();
  const messages = (page.messages ?? []).filter((m) => ids.has(m.id));
  return Response.json({ messages, resultSizeEstimate: messages.length });
}

async function readBody(incoming) {
  const chunks = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > LARGEST_BODY) throw new Error("The request is larger than Gmail takes.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// The emulator reads uploads as UTF-8 text and does not know multipart/related; base64url in JSON keeps every byte.
function uploaded(request, body) {
  const type = request.headers.get("content-type") ?? "";
  let message = { raw: body.toString("base64url") };
  const boundary = /^multipart\/related;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary) {
    const parts = body.toString("latin1").split(new RegExp(`(?:^|\r\n)--${boundary.replace(/[^A-Za-z0-9]/g, "\\$&")}(?:--)?[ \t]*\r\n`));
    const [fields, raw] = parts.slice(1, 3).map((part) => part.slice(part.indexOf("\r\n\r\n") + 4));
    message = { ...JSON.parse(Buffer.from(fields, "latin1").toString("utf8")), raw: Buffer.from(raw, "latin1").toString("base64url") };
  } else if (type.startsWith("application/json")) {
    return request;
  }
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  return new Request(request.url, { method: request.method, headers, body: JSON.stringify(message) });
}

function aliasOf(authorization) {
  const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
  const user = token && tokenMap.get(token);
  const name = user ? token : "nobody";
  const count = uses.get(name) ?? 0;
  uses.set(name, count + 1);
  const alias = `alias${Math.floor(count / REQUESTS_PER_ALIAS)}~${name}`;
  // Nobody's login is no user's, so the emulator answers 401 where it should.
  tokenMap.set(alias, user ?? { login: null, id: 0, scopes: [] });
  return alias;
}

// At Google either token revokes the whole grant, and an unknown one is an error; the emulator forgets one token.
function revokeToken(url, body) {
  const token = url.searchParams.get("token") ?? new URLSearchParams(body.toString("utf8")).get("token") ?? "";
  const email = refreshTokens.get(token)?.email ?? tokenMap.get(token)?.login;
  if (!email) return googleError(url.pathname, 400, "invalid_token");
  revokeUser(email);
  return Response.json({});
}

function revokeUser(email) {
  const mine = [...refreshTokens].filter(([, grant]) => grant.email === email);
  for (const [token] of mine) refreshTokens.delete(token);
  expireUser(email);
  return mine.length;
}

function expireUser(email) {
  const mine = [...tokenMap].filter(([, user]) => user.login === email);
  for (const [token] of mine) tokenMap.delete(token);
  return mine.length;
}

function allowRedirect(uri) {
  const client = gs.oauthClients.findOneBy("client_id", clientId);
  return gs.oauthClients.update(client.id, { redirect_uris: [...client.redirect_uris, uri] }).redirect_uris;
}

function addUser(email, name = email.split("@")[0]) {
  if (!gs.users.findOneBy("email", email)) {
    const [given, ...family] = name.split(" ");
    gs.users.insert({
      uid: subjectOf(email), email, name, given_name: given, family_name: family.join(" "),
      picture: null, email_verified: true, locale: "en",
    });
  }
  seedFromConfig(store, baseUrl, { users: [{ email, name }] });
}

function addProfileRoute() {
  app.get("/gmail/v1/users/:userId/profile", (c) => {
    const email = c.get("authUser")?.login;
    if (!email) return googleError("/gmail", 401);
    if (!["me", email].includes(c.req.param("userId"))) return googleError("/gmail", 404);
    const messages = gs.messages.findBy("user_email", email);
    return c.json({
      emailAddress: email,
      messagesTotal: messages.length,
      threadsTotal: new Set(messages.map((message) => message.thread_id)).size,
      historyId: String(currentHistoryId(gs)),
    });
  });
}

async function importMail(email, raw, labelIds) {
  addUser(email);
  const token = `import~${email}`;
  tokenMap.set(token, { login: email, id: gs.users.findOneBy("email", email).id, scopes: [] });
  const response = await app.fetch(
    new Request(`${baseUrl}/gmail/v1/users/me/messages/import`, {
      method: "POST",
      headers: { authorization: `Bearer ${aliasOf(`Bearer ${token}`)}`, "content-type": "application/json" },
      body: JSON.stringify({ raw: raw.toString("base64url"), labelIds: labelIds ?? ["INBOX", "UNREAD"] }),
    }),
  );
  if (!response.ok) return response;
  const { id, threadId, historyId } = await response.json();
  return Response.json({ id, threadId, historyId });
}

// In order of name; what was imported once is not imported again, even if it was deleted since.
async function importSamples(folder, email) {
  let count = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".eml")).sort()) {
    const raw = readFileSync(join(folder, name));
    if (gs.history.findOneBy("message_gmail_id", messageIdOf(email, raw.toString("base64url")))) continue;
    const response = await importMail(email, raw);
    if (!response.ok) throw new Error(`${name} could not be imported: ${response.status}`);
    count++;
  }
  return count;
}
