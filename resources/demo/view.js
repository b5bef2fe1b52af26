// What of the page shows how things stand: header, talk button, what is wrong, panes that open and close.

import { find } from "./elements.js";
import { clock } from "./transcript.js";

const STANDING = {
  idle: ["Not connected", "off"],
  connecting: ["Connecting…", "busy"],
  open: ["Ready", "ready"],
  reconnecting: ["Reconnecting…", "busy"],
  ended: ["Ended", "off"],
};

const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 4 });

// A finger has no Space to hold.
const HOLD = matchMedia("(pointer: coarse)").matches ? "the button" : "Space or the button";

export class View {
  constructor() {
    find("problem-close").addEventListener("click", () => this.problem(""));
    this.pane("console", "console-button", "console-close");
    this.pane("panel", "panel-button", "panel-close");
    find("scrim").addEventListener("click", () => this.toggle("panel", "panel-button", false));
  }

  pane(id, opens, closes) {
    find(opens).addEventListener("click", () => this.toggle(id, opens));
    find(closes).addEventListener("click", () => {
      this.toggle(id, opens, false);
      find(opens).focus();
    });
  }

  toggle(id, opens, open = !this.opened(opens)) {
    document.body.classList.toggle(`with-${id}`, open);
    if (id === "console") find(id).hidden = !open;
    find(opens).setAttribute("aria-expanded", String(open));
    if (open) find(`${id}-close`).focus();
    if (open && id === "console") find("messages").scrollTop = find("messages").scrollHeight;
  }

  opened(opens) {
    return find(opens).getAttribute("aria-expanded") === "true";
  }

  /** Close what is open. @returns {boolean} whether anything was */
  escape() {
    const open = ["panel", "console"].find((id) => this.opened(`${id}-button`));
    if (!open) return false;
    this.toggle(open, `${open}-button`, false);
    find(`${open}-button`).focus();
    return true;
  }

  /**
   * @param {{phase: string, free: boolean, held: boolean, opening: boolean, hearing: boolean, waiting: boolean,
   *   speaking: boolean, name: string}} now
   */
  show(now) {
    const [words, dot] = STANDING[now.phase];
    const muted = now.phase === "open" && now.free && !now.hearing;
    put("standing", muted ? "Muted" : words);
    find("dot").dataset.state = muted ? "off" : dot;
    const live = now.phase !== "idle" && now.phase !== "ended";
    put("connect", live ? "End session" : "Connect");
    document.body.classList.toggle("fresh", now.phase === "idle");
    put("welcome-how", this.none ? NO_MODEL : howTo(now));
    this.talk(now, muted);
    find("message").placeholder = `Or type to ${now.name === "The model" ? "the model" : now.name}`;
  }

  talk(now, muted) {
    const [title, hint] = now.free ? free(now, muted) : held(now);
    const button = find("talk");
    const on = now.hearing && (now.free || now.held);
    button.dataset.state = on ? "on" : muted ? "muted" : "rest";
    button.setAttribute("aria-pressed", String(on));
    button.setAttribute("aria-label", now.free ? "Talk hands-free" : "Hold to talk");
    put("talk-title", title);
    put("talk-hint", hint);
  }

  /** @param {number} peak 0 to 1; the ring around the button follows it */
  level(peak) {
    find("talk").style.setProperty("--level", String(Math.min(1, Math.sqrt(peak))));
  }

  /** @param {string} sentence empty where nothing is wrong */
  problem(sentence) {
    put("problem-words", sentence);
    find("problem").hidden = !sentence;
  }

  /**
   * @param {"open" | "token" | "closed"} door
   * @param {boolean} hasToken
   * @param {boolean} hasModels
   */
  door(door, hasToken, hasModels) {
    const none = door === "open" && !hasModels;
    put("welcome-title", none ? "No model to talk with yet" : "Talk with a model");
    this.none = none;
    find("token-form").hidden = door !== "token";
    find("welcome-how").hidden = door === "token";
    find("token-row").hidden = !hasToken || door !== "open";
    if (door === "token") find("token").focus();
  }

  time(words) {
    put("timer", words);
  }

  figures({ out, in: came }) {
    put("sent-time", clock(out * 1000));
    put("came-time", clock(came * 1000));
  }

  cost(tokens, dollars) {
    put("tokens", tokens === null ? "Unknown" : tokens.toLocaleString("en"));
    const words = dollars === null ? "Unknown" : MONEY.format(dollars);
    put("cost", words);
    put("cost-now", dollars === null ? "" : words);
  }
}

const CUT_IN = `Hold ${HOLD} to talk; talking over an answer stops it`;

const NO_MODEL = "Gemini and OpenAI have models that listen and speak. Add a key for one of them to this server.";

function howTo({ free }) {
  if (!isSecureContext) return "Browsers give microphone and speaker to pages on localhost or behind https. Here you can type.";
  if (free) return "Press the button and speak whenever you like; it hears when you have finished.";
  return `Hold ${HOLD} and speak; let go, and it answers.`;
}

function held({ held: down, opening, hearing, waiting, speaking, name }) {
  if (down && opening) return ["Connecting…", "Keep holding, and speak when it listens"];
  if (down && hearing) return ["Listening. Release to send", CUT_IN];
  if (speaking) return [`${name} is answering`, `Hold ${HOLD} to cut in; Esc stops it`];
  if (waiting) return ["Sent", `Waiting for ${name === "The model" ? "the model" : name}`];
  return ["Hold to talk", CUT_IN];
}

function free({ phase, hearing, speaking, name }, muted) {
  if (phase === "connecting") return ["Connecting…", "It listens in a moment"];
  if (muted) return ["Muted", "Press the button to go on"];
  if (speaking) return [`${name} is answering`, "Just speak to cut in"];
  if (hearing) return ["Listening", "Speak whenever you like; press to mute"];
  return ["Press to talk", "Press once and speak; it hears when you have finished"];
}

function put(id, text) {
  const node = find(id);
  if (node.textContent !== text) node.textContent = text; // so that a screen reader is told of changes alone
}
