// What the model says: its messages become words on the page and sound, until somebody cuts in.

import { decoded } from "./sound.js";
import { RATE } from "./speaker.js";

export class Answers {
  /**
   * @param {{transcript: Transcript, speaker: Speaker, view: View, send: (message: object) => void}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.seconds = 0; // of sound that came
    this.reset();
  }

  reset() {
    this.coming = false; // an answer is
    this.wanted = false; // one was asked for, and has not begun
    this.dropping = false; // of one that was cut off here, and goes on until the server knows
  }

  get speaking() {
    return this.coming || this.speaker.playing;
  }

  /** The person talks over the answer: it falls silent here at once, and then on the server. */
  cutIn() {
    if (!this.speaking) return;
    const { received, seconds } = this.speaker;
    this.send({ type: "interrupt", ...(received ? { heard_ms: Math.round(seconds * 1000) } : {}) });
    this.cut();
    this.dropping = this.coming;
  }

  cut() {
    if (this.speaking) this.transcript.cut(this.speaker.heard, this.speaker.seconds);
    this.speaker.flush();
  }

  /** @param {{type: string}} message from the server; those that are no part of an answer mean nothing here */
  take(message) {
    this[`on_${message.type}`]?.(message);
  }

  begins() {
    this.wanted = false;
    if (this.coming) return;
    this.coming = true;
    this.transcript.begins();
    this.speaker.begin();
  }

  on_audio({ data }) {
    if (this.dropping) return;
    this.begins();
    const pcm = decoded(data);
    this.seconds += pcm.length / RATE;
    this.speaker.play(pcm);
  }

  on_response({ text, spoken }) {
    if (!spoken) this.says(text); // spoken words come as a transcript, too
  }

  on_transcript({ role, text, finished }) {
    if (role === "user") this.transcript.heard(text, finished);
    else this.says(text);
  }

  says(text) {
    if (this.dropping || !text) return;
    this.begins();
    this.transcript.says(text);
  }

  on_interrupted() {
    if (!this.dropping) this.cut();
    this.dropping = this.coming = false;
  }

  on_generation_complete() {
    if (!this.dropping) this.speaker.done();
  }

  on_turn_complete({ reason }) {
    const ours = this.coming && !this.dropping; // else one that was cut off here has ended there, too
    if (ours) {
      this.speaker.done();
      this.transcript.done();
      if (reason) this.transcript.line(`The answer ended early: ${reason}`, "warning");
    }
    if (ours || !reason) this.wanted = false;
    this.dropping = this.coming = false;
  }

  on_tool_call({ id, name, args }) {
    this.transcript.note(`${name}(${JSON.stringify(args)})`, "this page has no functions", "tool");
    this.send({ type: "tool_result", id, result: { error: "This page has no functions." } });
  }

  on_search({ queries, sources }) {
    const text = `Searched the web for “${queries.join("”, “")}”`;
    const found = sources.map((one) => (one.title ? `${one.title} — ${one.url}` : one.url));
    const count = `${sources.length} ${sources.length === 1 ? "source" : "sources"}`;
    this.transcript.note(text, count, "globe", found);
  }

  on_usage({ input_tokens, output_tokens, total_tokens, cost }) {
    const parts = [input_tokens, output_tokens];
    const sum = parts.every((one) => one !== null) ? parts[0] + parts[1] : null;
    this.view.cost(total_tokens ?? sum, cost);
  }

  on_reconnected({ restarted }) {
    if (!restarted) return;
    this.speaker.flush();
    this.speaker.begin();
    this.transcript.again();
  }

  on_error() {
    this.wanted = false;
  }
}
