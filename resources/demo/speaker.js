// The answer's sound: 24 kHz PCM16, played as it comes, silent at once when somebody cuts in.

export const RATE = 24000;

// In seconds: a busy machine keeps up with it, and whoever cuts in does not notice.
const LATENCY = 0.05;

export class Speaker {
  /**
   * @param {{level: (peak: number) => void, silent: () => void}} handlers
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.context = null;
    this.volume = 1;
    this.received = 0; // samples of the answer under way
    this.played = 0;
    this.playing = false;
  }

  /** To be called where the person did something: browsers let no page sound before. */
  async start() {
    if (this.context) {
      await this.context.resume();
      return;
    }
    if (!isSecureContext) return; // a page that came unencrypted from elsewhere may not: its answers are read
    this.context = new AudioContext({ sampleRate: RATE, latencyHint: LATENCY });
    await this.context.audioWorklet.addModule("/demo/playback-worklet.js");
    this.node = new AudioWorkletNode(this.context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.gain = new GainNode(this.context, { gain: this.volume });
    this.node.connect(this.gain).connect(this.context.destination);
    this.node.port.onmessage = ({ data }) => this.told(data);
    await this.context.resume();
  }

  told(data) {
    if (data.played !== undefined) this.played = data.played;
    if (data.flushed !== undefined) this.played = data.flushed;
    if (data.silent) {
      if (data.whole) this.silent();
    } else if (data.peak !== undefined && this.playing) {
      this.handlers.level(data.peak);
    }
  }

  /** Another answer begins. */
  begin() {
    this.received = this.played = 0;
    this.node?.port.postMessage("begin");
  }

  /** @param {Int16Array} pcm */
  play(pcm) {
    if (!this.node || pcm.length === 0) return;
    this.playing = true;
    this.received += pcm.length;
    this.node.port.postMessage({ pcm }, [pcm.buffer]);
  }

  /** All of the answer has come. */
  done() {
    this.node?.port.postMessage("done");
  }

  /** Silence, now. */
  flush() {
    this.node?.port.postMessage("flush");
    this.silent();
  }

  silent() {
    this.playing = false;
    this.handlers.silent();
  }

  /** How much of the answer was heard: 0 to 1, or null where it had no sound. */
  get heard() {
    return this.received ? Math.min(1, this.played / this.received) : null;
  }

  get seconds() {
    return this.played / RATE;
  }

  setVolume(volume) {
    this.volume = volume;
    if (this.gain) this.gain.gain.setTargetAtTime(volume, this.context.currentTime, 0.01);
  }
}
