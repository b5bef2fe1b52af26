// What the page asks the server over HTTP: whether it may come in, and which models there are.

const KEY = "aiproxy.token";

/** Kept for this tab alone, and gone with it. */
export const token = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

/**
 * @returns {Promise<{door: "open" | "token" | "closed", offered: Set<string>}>} `token`: another one is wanted
 */
export async function knock() {
  const headers = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  let answer;
  try {
    answer = await fetch("/v1/models", { headers, cache: "no-store", credentials: "omit" });
  } catch {
    return { door: "closed", offered: new Set() };
  }
  if (answer.status === 401) return { door: "token", offered: new Set() };
  const listed = answer.ok ? await answer.json() : { data: [] };
  return { door: "open", offered: new Set((listed.data ?? []).map((one) => one.id)) };
}

/** The models that are known to talk, with what can be chosen for each. */
export async function liveModels() {
  const answer = await fetch("/demo/models.json");
  return answer.json();
}
