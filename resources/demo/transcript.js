// What was said, turn by turn. Words are text and nothing else, whatever stands in them.

import { element, icon } from "./elements.js";

const NEAR = 48; // pixels from the end that still count as its end

export class Transcript {
  /**
   * @param {HTMLElement} view what scrolls
   * @param {HTMLElement} list holds the turns
   * @param {HTMLElement} jump the button to the end
   * @param {HTMLElement} spoken where a screen reader is told of whole turns
   */
  constructor(view, list, jump, spoken) {
    Object.assign(this, { view, list, jump, spoken });
    this.following = true;
    view.addEventListener("scroll", () => this.scrolled());
    jump.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.follow()).observe(view);
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.answer = this.last = null; // the one under way, and the one that may still be playing
    this.asked = []; // turns of the person whose words may still come, oldest first
    this.name = "The model";
    this.marked = false; // does the service say when a transcript is whole
    this.began = performance.now();
    this.follow();
  }

  /** The person begins to speak. */
  speaks() {
    const turn = this.turn("You", "user");
    turn.mark("speaking");
    this.asked.push(turn);
    return turn;
  }

  /** The person has spoken. */
  spoke(turn) {
    turn?.mark("");
    turn?.caret(false);
  }

  /** The person wrote. */
  wrote(text) {
    this.turn("You", "user").add(text);
    this.follow();
  }

  /** More of what the person said, in words; it may come after the answer began. */
  heard(text, finished) {
    this.marked ||= finished;
    // Where nobody says that a transcript is whole, it is when the next one begins.
    while (!this.marked && this.asked[0]?.answered && this.asked[0].text) this.asked.shift();
    if (!text && !this.asked.length) return;
    const turn = this.asked[0] ?? this.late();
    turn.add(text);
    if (finished) {
      this.asked.shift();
      turn.mark("");
      turn.caret(false);
      this.tell("You", turn.text);
    }
    this.follow();
  }

  /** A turn that nobody marked: it comes before the answer that is under way. */
  late() {
    const turn = this.turn("You", "user");
    if (this.answer) this.list.insertBefore(turn.node, this.answer.node);
    this.asked.push(turn);
    return turn;
  }

  /** Another answer begins. */
  begins() {
    this.last = null;
  }

  /** More of the answer, in words. */
  says(text) {
    this.answering().add(text);
    this.follow();
  }

  answering() {
    if (!this.answer) {
      this.answer = this.turn(this.name, "model");
      this.answer.caret(true);
    }
    return this.answer;
  }

  /** The answer is over; what the person said before may still be written down, until the next one is. */
  done() {
    for (const turn of this.asked.filter((one) => one.answered)) turn.silent();
    this.asked = this.asked.filter((one) => !one.answered);
    for (const turn of this.asked) turn.answered = true;
    if (!this.answer) return;
    this.answer.caret(false);
    if (this.answer.text) this.tell(this.name, this.answer.text);
    this.last = this.answer;
    this.answer = null;
  }

  /**
   * The person cut in.
   * @param {number | null} part of the answer that was heard, 0 to 1; null where it had no sound
   * @param {number} seconds of it
   */
  cut(part, seconds) {
    const cut = this.answer ?? this.last;
    this.done();
    this.last = null;
    cut?.cut(part, seconds);
    this.follow();
  }

  /** What came of the answer is void: it comes again. */
  again() {
    this.answer?.clear();
  }

  /** The session is over: nothing more comes. */
  end() {
    for (const turn of this.asked) turn.silent();
    this.asked = [];
    this.done();
  }

  /** Something that happened between turns. */
  line(text, name = "check") {
    this.put(element("p", { class: "line" }, element("span", {}, icon(name), text)));
  }

  /** Something that was done for the answer, and where it was found. */
  note(text, aside, name, sources = []) {
    const head = element("div", { class: "note-head" }, icon(name), element("span", {}, text));
    if (aside) head.append(element("span", { class: "aside" }, aside));
    const note = element("div", { class: "note" }, head);
    for (const source of sources) note.append(element("p", { class: "source" }, source));
    this.list.insertBefore(note, this.answer?.node ?? null);
    this.follow();
  }

  turn(name, role) {
    const turn = new Turn(name, role, clock(performance.now() - this.began));
    this.put(turn.node);
    return turn;
  }

  put(node) {
    this.list.append(node);
    this.follow();
  }

  tell(name, text) {
    this.spoken.textContent = `${name}: ${text}`;
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.view;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    this.jump.hidden = this.following;
  }

  follow() {
    if (this.following) this.view.scrollTop = this.view.scrollHeight;
  }

  toEnd() {
    this.following = true;
    this.follow();
  }
}

class Turn {
  constructor(name, role, time) {
    this.state = element("span", { class: "state" });
    this.words = element("p", { class: "words", dir: "auto" });
    const head = element("header", {}, element("span", { class: "who" }, name), element("time", {}, time), this.state);
    this.node = element("article", { class: `turn ${role}`, "aria-label": name }, head, this.words);
    this.text = "";
    this.answered = false;
  }

  add(text) {
    this.text += text;
    this.clearWaiting();
    this.words.append(text);
  }

  mark(state) {
    this.state.textContent = state;
    this.caret(Boolean(state));
  }

  caret(shown) {
    this.node.classList.toggle("live", shown);
  }

  clear() {
    this.text = "";
    this.words.replaceChildren();
  }

  clearWaiting() {
    if (this.node.classList.replace("wordless", "worded")) this.words.replaceChildren();
  }

  /** Nobody wrote down what was said. */
  silent() {
    this.mark("");
    if (this.text) return;
    this.node.classList.add("wordless");
    this.words.replaceChildren("Spoken; nobody wrote it down.");
  }

  cut(part, seconds) {
    const badge = element("span", { class: "badge" }, `You cut in at ${clock(seconds * 1000)}`);
    const at = part === null ? this.text.length : wordEnd(this.text, Math.round(part * this.text.length));
    const unheard = this.text.slice(at);
    this.words.replaceChildren(this.text.slice(0, at), " ", badge);
    if (!unheard.trim()) return;
    this.words.append(" ", element("span", { class: "unheard" }, unheard.trim()));
    this.node.append(element("p", { class: "remark" }, "The grey words were not played."));
  }
}

function wordEnd(text, near) {
  const next = text.slice(near).search(/\s/);
  return next < 0 ? text.length : near + next;
}

/** @param {number} milliseconds */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
