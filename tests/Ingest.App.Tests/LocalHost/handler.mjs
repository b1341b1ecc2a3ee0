// A handler that does what the message says, and writes down every request it gets, byte for byte.
import { appendFileSync } from "node:fs";
import http from "node:http";

const port = Number(process.env.FUNCTIONS_CUSTOMHANDLER_PORT);
const record = process.env.RECORD;

const atStart = process.env.AT_START ?? "";
if (atStart.startsWith("exit:")) {
  console.error("first line of a short life");
  console.error("warning: this one is mild");
  process.exit(Number(atStart.slice(5)));
}

function write(entry) {
  if (record) appendFileSync(record, JSON.stringify(entry) + "\n");
}

// The body of a queue message, whichever way it was encoded; the timer has none.
function text(envelope) {
  if (process.env.ALWAYS) return process.env.ALWAYS;
  const item = envelope?.Data?.item;
  if (typeof item !== "string") return "ok";
  try {
    return JSON.parse(item);
  } catch {
    return Buffer.from(item, "base64").toString();
  }
}

const json = { "Content-Type": "application/json" };
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function envelope(req, res, body) {
  const said = text(JSON.parse(body));
  const [word, ...rest] = said.split(" ");
  const argument = rest.join(" ");
  switch (word) {
    case "empty": return res.writeHead(200, json).end();
    case "null": return res.writeHead(200, json).end("null");
    case "none": return res.writeHead(204).end();
    case "untyped": return res.writeHead(200).end("{}");
    case "problem": return res.writeHead(200, { "Content-Type": "application/problem+json" }).end("{}");
    case "broken": return res.writeHead(200, json).end("{");
    case "fail": return res.writeHead(500, json).end('{"Outputs":{"next":"never sent"}}');
    case "redirect": return res.writeHead(307, { Location: "/elsewhere" }).end();
    case "sleep": await sleep(Number(argument)); return res.writeHead(200, json).end("{}");
    case "exit": return process.exit(Number(argument));
    case "answer": return res.writeHead(200, { "Content-Type": "text/json; charset=utf-8" }).end(argument);
    default: return res.writeHead(200, json).end("{}");
  }
}

async function passed(req, res, body) {
  const url = new URL(req.url, "http://handler");
  if (url.pathname.endsWith("/stream")) {
    res.writeHead(200, { "Content-Type": "text/event-stream" });
    res.write("data: first\n\n");
    process.once("SIGUSR2", () => res.end("data: last\n\n"));
    return;
  }
  if (url.pathname.endsWith("/sleep")) {
    await sleep(60_000);
  }
  const status = Number(url.searchParams.get("status") ?? 200);
  res.writeHead(status, { ...json, "X-Handler": "yes", Location: "/somewhere" });
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, raw: req.rawHeaders, body }));
}

const server = http.createServer(async (req, res) => {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (req.url === "/" && req.method === "GET") return res.writeHead(404).end();
  write({ pid: process.pid, method: req.method, url: req.url, headers: req.headers, raw: req.rawHeaders, body });
  const version = req.headers["x-azure-functions-hostversion"];
  const agent = req.headers["user-agent"] ?? "";
  const wrapped = req.method === "POST" && /^\/[A-Za-z]+$/.test(req.url) && version && agent.startsWith("Azure-Functions-Host/");
  return wrapped ? envelope(req, res, body) : passed(req, res, body);
});

process.on("SIGTERM", () => write({ signal: "SIGTERM" }));
if (!process.env.MUTE) {
  server.listen(port, "127.0.0.1", () => {
    write({ started: process.pid, port, cwd: process.cwd(), arguments: process.argv.slice(2), environment: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => name.startsWith("FUNCTIONS_") || name === "PROBE")) });
    console.log("handler listens");
    console.error("handler warns of nothing: warning");
    console.error("handler complains");
    console.log("LanguageWorkerConsoleLog for the system");
  });
} else {
  setInterval(() => {}, 1000);
}
