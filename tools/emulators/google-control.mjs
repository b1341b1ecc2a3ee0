// What a test can ask of the emulator that no caller of Google can: mail from outside, revoked grants, lost history,
// faults by script. See README.md for the requests.
import { currentHistoryId } from "./google-store.mjs";

const REASONS = {
  400: ["invalidArgument", "INVALID_ARGUMENT"],
  401: ["authError", "UNAUTHENTICATED"],
  403: ["userRateLimitExceeded", "PERMISSION_DENIED"],
  404: ["notFound", "NOT_FOUND"],
  429: ["rateLimitExceeded", "RESOURCE_EXHAUSTED"],
  500: ["backendError", "INTERNAL"],
  503: ["backendError", "UNAVAILABLE"],
};
const TOKEN_ERRORS = { 400: "invalid_grant", 401: "invalid_client", 403: "access_denied", 429: "rate_limit_exceeded" };

const answer = (status, body, headers = {}) => Response.json(body, { status, headers });

/** An error as Google would say it: the OAuth endpoints in one form, the APIs in another. */
export function googleError(path, status, reason, headers) {
  if (path.startsWith("/oauth2/")) {
    const error = reason ?? TOKEN_ERRORS[status] ?? "internal_failure";
    return answer(status, { error, error_description: "By order of the test." }, headers);
  }
  const [usual, name] = REASONS[status] ?? ["backendError", "UNKNOWN"];
  const message = "By order of the test.";
  const errors = [{ message, domain: "global", reason: reason ?? usual }];
  return answer(status, { error: { code: status, message, errors, status: name } }, headers);
}

export class Control {
  #faults = [];
  #seen = new Map();
  #historyFloor = 0;
  #parts;

  constructor(parts) {
    this.#parts = parts;
  }

  /** Counts a request under its route, ids left out. */
  saw(method, path, status) {
    const route = `${method} ${path.replace(/\/(messages|threads|drafts|labels)\/[^/]{10,}/, "/$1/{id}")} ${status}`;
    this.#seen.set(route, (this.#seen.get(route) ?? 0) + 1);
  }

  /** The next fault that fits this request; it is used up by being asked for. */
  faultFor(method, path) {
    const at = this.#faults.findIndex((f) => path.includes(f.path) && (!f.method || f.method === method));
    if (at < 0) return null;
    const fault = this.#faults[at];
    if (--fault.times <= 0) this.#faults.splice(at, 1);
    return fault;
  }

  /** True when Google would have forgotten the history before this id. */
  isForgotten(startHistoryId) {
    return /^\d{1,15}$/.test(startHistoryId ?? "") && Number(startHistoryId) < this.#historyFloor;
  }

  async handle(request, url, body) {
    const type = request.headers.get("content-type") ?? "";
    if (request.method === "GET") return answer(200, { requests: Object.fromEntries(this.#seen), faults: this.#faults });
    // A page in somebody's browser cannot send these types here unasked.
    if (request.method !== "POST" || !/^(application\/json|message\/rfc822)\b/.test(type)) {
      return answer(415, { error: "POST application/json, or message/rfc822 to /__control/import." });
    }
    if (url.pathname === "/__control/import") return this.#import(url.searchParams, body);
    try {
      return answer(200, this.#order(JSON.parse(body.toString("utf8"))));
    } catch (e) {
      return answer(400, { error: e.message });
    }
  }

  #order(order) {
    const { gs, allowRedirect, revokeUser, expireUser } = this.#parts;
    if (order.status || (order.drop && order.drop !== "never") || order.delayMs) {
      this.#faults.push({ path: "/", times: 1, ...order });
      return { faults: this.#faults.length };
    }
    if (order.revoke) return { revoked: revokeUser(order.revoke) };
    if (order.expireAccess) return { expired: expireUser(order.expireAccess) };
    if (order.allowRedirect) return { redirectUris: allowRedirect(order.allowRedirect) };
    if (order.expireHistory) return { historyFloor: (this.#historyFloor = currentHistoryId(gs)) };
    if (order.clear) {
      this.#faults = [];
      this.#seen.clear();
      this.#historyFloor = 0;
      return { cleared: true };
    }
    throw new Error("Unknown order. Known: status, drop or delayMs (a fault); revoke, expireAccess, allowRedirect, expireHistory, clear.");
  }

  async #import(query, raw) {
    const labels = query.get("labels")?.split(",").filter(Boolean);
    return this.#parts.importMail(query.get("user") ?? "", raw, labels);
  }
}
