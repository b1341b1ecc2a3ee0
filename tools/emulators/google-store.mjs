// What the emulator keeps, made fit for a pipeline that must not lose or double a mail over a restart:
// ids that are the same after the same imports, history ids that only grow, and a journal on disk.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { getGoogleStore } from "@emulators/google";

const REFRESH_TOKENS = "google.oauth.refreshTokens";
const KEPT = ["users", "messages", "drafts", "attachments", "history", "labels", "filters", "forwardingAddresses", "sendAs"];
const FIRST_HISTORY_ID = 1_000_000;

const digest = (...parts) => createHash("sha256").update(parts.join("\n")).digest("hex");

/** Loads the journal if there is one, and from then on writes every change to it before the answer goes out. */
export function keep(store, file) {
  const gs = getGoogleStore(store);
  const refreshTokens = new Map();
  store.setData(REFRESH_TOKENS, refreshTokens);

  if (file) {
    load(gs, refreshTokens, file);
    const write = (entry) => appendFileSync(file, JSON.stringify(entry) + "\n");
    for (const name of KEPT) journalCollection(gs[name], name, write);
    journalGrants(refreshTokens, write);
  }
  shapeIds(gs);
  return { gs, refreshTokens };
}

/** The 21 digits that Google would call the account's subject; the same for the same address. */
export function subjectOf(email) {
  return "1" + BigInt("0x" + digest("user", email).slice(0, 24)).toString().padStart(20, "0").slice(-20);
}

/** The id the first import of these bytes gets. */
export function messageIdOf(email, raw, occurrence = 0) {
  return digest("message", email, String(occurrence), raw).slice(0, 16);
}

export function currentHistoryId(gs) {
  return gs.history.all().reduce((latest, event) => Math.max(latest, Number(event.gmail_id)), FIRST_HISTORY_ID);
}

// The emulator draws message ids at random and makes history ids of the clock and a random number, so that two changes
// in one millisecond may be listed in either order and a cursor between them misses one. Google's only grow.
function shapeIds(gs) {
  let latest = currentHistoryId(gs);
  let drawn = null;
  const historyId = (id) => {
    if (id.length < 16) return id;
    if (id !== drawn) {
      drawn = id;
      latest += 1 + (latest % 7);
    }
    return String(latest);
  };
  const shapeMessage = (message) => {
    if (message.history_id) message = { ...message, history_id: historyId(message.history_id) };
    if (!message.gmail_id?.startsWith("msg_")) return message;
    let occurrence = 0;
    let id = messageIdOf(message.user_email, message.raw);
    while (gs.history.findOneBy("message_gmail_id", id)) id = messageIdOf(message.user_email, message.raw, ++occurrence);
    // As at Google, a thread bears the id of its first message.
    return { ...message, gmail_id: id, thread_id: message.thread_id.startsWith("thr_") ? id : message.thread_id };
  };
  wrap(gs.messages, "insert", (insert) => (message) => insert(shapeMessage(message)));
  wrap(gs.messages, "update", (update) => (id, change) => update(id, shapeMessage(change)));
  wrap(gs.history, "insert", (insert) => (event) => insert({ ...event, gmail_id: historyId(event.gmail_id) }));
}

function journalCollection(collection, name, write) {
  const record = (method) => (call) => (...args) => {
    const item = call(...args);
    if (item) write({ in: name, put: item });
    return item;
  };
  wrap(collection, "insert", record("insert"));
  wrap(collection, "update", record("update"));
  wrap(collection, "delete", (call) => (id) => {
    if (collection.get(id)) write({ in: name, drop: id });
    return call(id);
  });
}

// Access tokens are not kept: after a restart they are refused, and their owners refresh.
function journalGrants(refreshTokens, write) {
  wrap(refreshTokens, "set", (call) => (grant, value) => {
    write({ grant, value });
    return call(grant, value);
  });
  wrap(refreshTokens, "delete", (call) => (grant) => {
    if (refreshTokens.has(grant)) write({ grant });
    return call(grant);
  });
}

function wrap(object, method, around) {
  object[method] = around(object[method].bind(object));
}

// A last line cut short by a kill was never answered to anybody, so it may be dropped.
function load(gs, refreshTokens, file) {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) {
    writeFileSync(file, "", { mode: 0o600 });
    return;
  }
  const items = Object.fromEntries(KEPT.map((name) => [name, new Map()]));
  for (const line of readFileSync(file, "utf8").split("\n")) {
    let entry;
    try {
      entry = JSON.parse(line);
    } catch {
      continue;
    }
    if (entry.grant && entry.value) refreshTokens.set(entry.grant, entry.value);
    else if (entry.grant) refreshTokens.delete(entry.grant);
    else if (entry.put) items[entry.in]?.set(entry.put.id, entry.put);
    else items[entry.in]?.delete(entry.drop);
  }
  for (const name of KEPT) {
    const all = [...items[name].values()];
    gs[name].restore({ items: all, autoId: 1 + all.reduce((most, item) => Math.max(most, item.id), 0) });
  }
  compact(items, refreshTokens, file);
}

function compact(items, refreshTokens, file) {
  const lines = [];
  for (const name of KEPT) for (const put of items[name].values()) lines.push(JSON.stringify({ in: name, put }));
  for (const [grant, value] of refreshTokens) lines.push(JSON.stringify({ grant, value }));
  writeFileSync(file + ".new", lines.map((line) => line + "\n").join(""), { mode: 0o600 });
  renameSync(file + ".new", file);
}
