// Every message, as it goes over the wire. Runs of sound are told as one row, and a token is in none of them.

import { element } from "./elements.js";

const MOST_ROWS = 500;
const MOST_LETTERS = 600;
const MARKS = { sent: "→", came: "←", here: "·" };
const WORDS = { sent: "sent", came: "received", here: "on this page" };

export class Console {
  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} count
   */
  constructor(list, count) {
    Object.assign(this, { list, count });
    this.began = performance.now();
    this.number = 0;
    this.run = null;
    this.paused = false;
  }

  /**
   * @param {"sent" | "came" | "here"} way
   * @param {{type: string}} message
   */
  add(way, message) {
    this.number += 1;
    this.count.textContent = `${this.number} ${this.number === 1 ? "message" : "messages"}`;
    if (this.paused) return;
    if (message.type === "audio") this.sound(way, message);
    else this.row(way, message.type, written(message));
  }

  sound(way, { data }) {
    const bytes = Math.floor(((data.base64 ?? data).length * 3) / 4);
    if (this.run?.way !== way) this.run = { way, pieces: 0, bytes: 0, words: this.row(way, "audio", "") };
    const { run } = this;
    run.pieces += 1;
    run.bytes += bytes;
    const size = run.bytes < 10240 ? `${run.bytes} bytes` : `${Math.round(run.bytes / 1024)} KB`;
    run.words.textContent = `${run.pieces} ${run.pieces === 1 ? "piece" : "pieces"}, ${size} of PCM16`;
    this.last.dataset.text = `${WORDS[way]} audio ${run.words.textContent}`;
  }

  row(way, type, text) {
    this.run = null;
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 24;
    const words = element("span", { class: "payload" }, text);
    const mark = element("span", { class: "way", title: WORDS[way], "aria-label": WORDS[way] }, MARKS[way]);
    const time = ((performance.now() - this.began) / 1000).toFixed(2);
    const row = element("li", { class: way }, element("time", {}, time), mark, element("b", {}, type), words);
    row.dataset.text = `${WORDS[way]} ${type} ${text}`;
    this.list.append(row);
    this.last = row;
    if (this.list.childElementCount > MOST_ROWS) this.list.firstElementChild.remove();
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
    return words;
  }

  clear() {
    this.list.replaceChildren();
    this.run = null;
    this.number = 0;
    this.count.textContent = "";
  }

  get text() {
    return [...this.list.children].map((row) => row.dataset.text).join("\n");
  }
}

function written({ type, ...rest }) {
  const text = Object.keys(rest).length ? JSON.stringify(rest) : "";
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}
