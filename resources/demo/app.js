// The page as a whole: what is pressed becomes messages, and what comes becomes words and sound.

import { Answers } from "./answers.js";
import { Console } from "./console.js";
import { find } from "./elements.js";
import { Meter } from "./meter.js";
import { Microphone } from "./microphone.js";
import { knock, token } from "./server.js";
import { Session, sentenceOf } from "./session.js";
import { Settings } from "./settings.js";
import { encoded } from "./sound.js";
import { Speaker } from "./speaker.js";
import { TalkButton } from "./talk-button.js";
import { Transcript, clock } from "./transcript.js";
import { View } from "./view.js";

const INPUT_RATE = 16000;
const MOST_WAITING = 512 * 1024; // bytes that a server which reads slowly may have outstanding

class App {
  constructor() {
    this.view = new View();
    this.transcript = new Transcript(find("transcript"), find("turns"), find("jump"), find("spoken"));
    this.console = new Console(find("messages"), find("message-count"));
    this.meters = { mic: new Meter(find("mic-meter"), find("mic-words")) };
    this.meters.speaker = new Meter(find("speaker-meter"), find("speaker-words"));
    this.settings = new Settings((name) => this.changed(name));
    this.microphone = new Microphone({
      piece: (pcm) => this.piece(pcm),
      level: (peak) => this.micLevel(peak),
      lost: () => this.micLost(),
    });
    this.speaker = new Speaker({ level: (peak) => this.meters.speaker.show(peak), silent: () => this.silent() });
    this.speaker.setVolume(this.settings.values.volume / 100);
    const { transcript, speaker, view } = this;
    this.answers = new Answers({ transcript, speaker, view, send: (message) => this.session.send(message) });
    this.talk = new TalkButton(find("talk"), {
      holds: () => this.settings.values.mode === "push_to_talk",
      press: () => this.press(),
      release: () => {
        this.settling = this.release();
      },
      toggle: () => {
        this.settling = this.toggle(this.settling);
      },
    });
    this.sent = 0; // seconds of sound
    this.opening = false; // session and microphone, for the turn that is to begin
    this.reset("idle");
    this.bind();
  }

  reset(phase) {
    this.phase = phase; // idle, connecting, open, reconnecting, ended
    this.session = null;
    this.turn = null; // of the person's, while it is spoken
    this.hearing = false; // sound goes out
    this.answers.reset();
    this.show();
  }

  bind() {
    find("connect").addEventListener("click", () => (this.session ? this.end() : this.connect()));
    find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.write();
    });
    find("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.tokenGiven();
    });
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.view.escape()) return;
      this.answers.cutIn();
      this.show();
    });
    find("forget").addEventListener("click", () => this.forget());
    find("clear").addEventListener("click", () => this.console.clear());
    find("copy").hidden = !navigator.clipboard;
    find("copy").addEventListener("click", () => navigator.clipboard.writeText(this.console.text));
    find("pause").addEventListener("click", ({ currentTarget }) => {
      this.console.paused = !this.console.paused;
      currentTarget.setAttribute("aria-pressed", String(this.console.paused));
    });
    setInterval(() => this.session && this.view.time(clock(performance.now() - this.began)), 1000);
  }

  async open() {
    await this.ask();
    await this.settings.showMicrophones();
  }

  /** Whether the server lets this page in. */
  async ask() {
    const { door, models } = await knock();
    if (door === "open") this.settings.offer(models);
    this.view.door(door, Boolean(token.get()), models.length > 0);
    this.show();
    if (door === "closed") this.view.problem("The server does not answer. Start it, then try again.");
    return door;
  }

  async tokenGiven() {
    token.set(find("token").value.trim());
    const door = await this.ask();
    if (door === "open") {
      this.view.problem("");
      find("token").value = "";
      find("talk").focus();
    } else if (door === "token") {
      this.view.problem("That is not this server’s token. Copy it from Settings, Local API.");
    }
  }

  async forget() {
    token.set("");
    this.end();
    await this.ask();
  }

  // A session

  /** @returns {Promise<boolean>} whether there is one */
  async connect() {
    if (this.session) return this.connecting;
    this.view.problem("");
    this.reset("connecting");
    this.session = new Session({
      message: (message) => this.message(message),
      closed: (sentence) => this.closed(sentence),
      sent: (message) => this.console.add("sent", message),
    });
    this.transcript.clear();
    this.transcript.name = this.settings.answerer;
    this.sent = this.answers.seconds = 0;
    this.began = performance.now();
    this.show();
    this.connecting = this.begin(this.session);
    return this.connecting;
  }

  async begin(session) {
    try {
      await this.speaker.start();
      await session.start({ ...this.settings.config(), rate: INPUT_RATE, app: "demo", device: "browser" }, token.get());
    } catch (error) {
      if (this.session !== session) return false;
      this.stop("idle");
      if ((await this.ask()) === "open") this.view.problem(error.message);
      return false;
    }
    if (this.session !== session) return false;
    this.phase = "open";
    this.began = performance.now();
    this.show();
    return this.settings.values.mode === "push_to_talk" || this.listen();
  }

  end() {
    this.session?.close();
    if (this.session) this.stop("ended");
  }

  closed(sentence) {
    this.stop("ended");
    if (sentence) this.view.problem(sentence);
  }

  stop(phase) {
    this.microphone.stop();
    this.speaker.flush();
    this.transcript.spoke(this.turn);
    this.transcript.end();
    this.meters.mic.rest();
    this.reset(phase);
  }

  // The microphone

  /** @returns {Promise<boolean>} whether it hears */
  async openMicrophone() {
    if (this.microphone.open) return true;
    const { microphone: device, values } = this.settings;
    try {
      await this.microphone.start({ rate: INPUT_RATE, device, clean: values.clean });
    } catch (error) {
      this.view.problem(error.message);
      return false;
    }
    if (!this.session) this.microphone.stop(); // ended while the browser asked
    await this.settings.showMicrophones();
    return this.microphone.open;
  }

  async press() {
    if (this.opening) return; // pressed again meanwhile: that turn is this one
    this.view.problem("");
    this.opening = true;
    await this.settling; // what was begun before goes out first
    const ready = (await this.connect()) && (await this.openMicrophone());
    this.opening = false;
    if (ready && this.talk.down) {
      this.answers.cutIn();
      this.session.send({ type: "activity_start" });
      this.turn = this.transcript.speaks();
      this.hearing = true;
      this.microphone.begin();
    }
    this.show();
  }

  async release() {
    const { turn, session } = this;
    this.show();
    if (!turn) return;
    this.turn = null;
    await this.microphone.end();
    if (this.session !== session) return;
    this.hearing = false;
    this.meters.mic.rest();
    session.send({ type: "activity_end" });
    this.transcript.spoke(turn);
    this.answers.wanted = true;
    this.show();
  }

  /** Hands-free: the button mutes, and the other way round. */
  async toggle(before) {
    await before;
    if (!this.session) await this.connect();
    else if (this.hearing) await this.mute();
    else if (this.phase === "open") await this.listen();
  }

  async listen() {
    if (!(await this.openMicrophone())) return false;
    this.hearing = true;
    this.microphone.begin();
    this.show();
    return true;
  }

  async mute() {
    await this.microphone.end();
    this.hearing = false;
    this.session?.send({ type: "audio_end" });
    this.meters.mic.rest();
    this.show();
  }

  piece(pcm) {
    if (!this.session || this.session.waiting > MOST_WAITING) return; // so slow a line will not catch up
    this.sent += pcm.length / INPUT_RATE;
    const sound = { base64: encoded(pcm), mime_type: `audio/pcm;rate=${INPUT_RATE}` };
    this.session.send({ type: "audio", data: sound });
  }

  micLevel(peak) {
    if (this.hearing) this.meters.mic.show(peak);
    this.view.level(this.hearing ? peak : 0);
  }

  micLost() {
    this.microphone.stop();
    this.talk.up();
    this.hearing = false;
    this.view.problem("The microphone is gone. Plug it in again, or choose another one in Settings.");
    this.show();
  }

  // What comes and goes

  async write() {
    const text = find("message").value.trim();
    if (!text || !(await this.connect())) return;
    find("message").value = "";
    this.view.problem("");
    this.answers.cutIn();
    this.session.send({ type: "message", data: { text } });
    this.transcript.wrote(text);
    this.answers.wanted = true;
    this.show();
  }

  silent() {
    this.meters.speaker.rest();
    this.show();
  }

  message(message) {
    this.console.add("came", message);
    this.answers.take(message);
    this[`on_${message.type}`]?.(message);
    if (message.type !== "audio") this.show();
  }

  on_speech_started() {
    this.answers.cutIn();
    this.turn ??= this.transcript.speaks();
  }

  on_speech_stopped() {
    this.transcript.spoke(this.turn);
    this.turn = null;
    this.answers.wanted = true;
  }

  on_reconnecting() {
    this.phase = "reconnecting";
  }

  on_reconnected({ reason, resumed }) {
    this.phase = "open";
    if (reason === "changed") return; // that was asked for here
    const time = clock(performance.now() - this.began);
    this.transcript.line(`Reconnected at ${time}, ${resumed ? "nothing lost" : "told again what was said"}`);
  }

  on_error(message) {
    if (!message.fatal) this.view.problem(sentenceOf(message));
  }

  // What is chosen and shown

  changed(name) {
    if (name === "volume") this.speaker.setVolume(this.settings.values.volume / 100);
    if (name === "model" || name === "other") this.end();
    if (name === "microphone" || name === "clean") this.reopenMicrophone();
    if (name === "mode") this.settling = this.changeMode();
    const told = { voice: "voice", language: "language", prompt: "system_instruction", search: "google_search" }[name];
    if (told && this.phase === "open") this.session.send({ type: "config", [told]: this.settings.config(true)[told] });
    this.show();
  }

  async changeMode() {
    if (this.phase !== "open") return;
    if (this.turn) this.talk.up();
    if (this.hearing) await this.mute();
    const { mode } = this.settings.values;
    this.session.send({ type: "config", mode });
    if (mode === "hands_free") await this.listen();
  }

  async reopenMicrophone() {
    if (!this.microphone.open) return;
    const heard = this.hearing && this.settings.values.mode === "hands_free";
    this.talk.up();
    this.microphone.stop();
    if (heard) await this.listen();
  }

  show() {
    this.view.show({
      phase: this.phase,
      free: this.settings?.values.mode === "hands_free",
      held: Boolean(this.talk?.down),
      opening: this.opening,
      hearing: this.hearing,
      waiting: this.answers.wanted,
      speaking: this.answers.speaking,
      name: this.settings?.answerer ?? "The model",
    });
    this.view.figures({ out: this.sent, in: this.answers.seconds });
  }
}

new App().open();
