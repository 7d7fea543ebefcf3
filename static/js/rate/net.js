/* Requests of the rating page: JSON both ways, and three kinds of failure told apart. */

/** The server said no, for good: sending it again would not help. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.detail || "The server refused this.");
    this.status = status;
    this.code = body.code || "";
    this.errors = body.errors || {};
  }
}

/** The session is over; after signing in elsewhere the same request works. */
export class SignedOut extends Error {}

const token = () => {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return cookie ? cookie.slice("csrftoken=".length) : document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
};

/** Nothing can be saved until somebody makes room; then the same request works. */
export class Full extends Error {}

/** The answer's JSON. Throws Refused, SignedOut, or a plain error where the network or the server failed: then try again. */
export async function call(url, body) {
  const send = body === undefined ? { method: "GET" } : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(url, {
    ...send,
    redirect: "manual",
    keepalive: (send.body?.length ?? 0) < 60000,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
    signal: AbortSignal.timeout(20000),
  });
  if (response.type === "opaqueredirect" || response.status === 401) throw new SignedOut();
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (response.ok && isJson) return response.json();
  if (response.status >= 400 && response.status < 500 && response.status !== 408 && response.status !== 429) {
    if (response.status === 403 && !isJson) throw new SignedOut();
    throw new Refused(response.status, isJson ? await response.json() : {});
  }
  if (response.status === 507) throw new Full("The server's disk is full.");
  throw new Error(`The server answered ${response.status}.`);
}
