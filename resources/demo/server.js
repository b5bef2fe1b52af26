// What the page asks the server over HTTP: whether it may come in, and which models there are.

const KEY = "aiproxy.token";

/** Kept for this tab alone, and gone with it. */
export const token = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

/**
 * @returns {Promise<{door: "open" | "token" | "closed", models: object[]}>} `token`: another one is wanted; `models`:
 *   those that can be talked with, best first
 */
export async function knock() {
  const headers = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  let answer;
  try {
    answer = await fetch("/api/live/models", { headers, cache: "no-store", credentials: "omit" });
  } catch {
    return { door: "closed", models: [] };
  }
  if (answer.status === 401) return { door: "token", models: [] };
  return { door: "open", models: answer.ok ? (await answer.json()).data : [] };
}
