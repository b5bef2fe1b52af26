// An answer's sound, on the audio thread. Pieces come when the network likes: playing begins once a little is there,
// and where it runs dry it waits for a little more than before. A flush is silence within 5 ms, without a click.

const LEAST_SECONDS = 0.08;
const MOST_SECONDS = 0.4;
const STEP_SECONDS = 0.06;
const PATIENCE_SECONDS = 0.25; // what is there is played after so long, however little it is
const FADE_SECONDS = 0.005;
const MOST_QUEUED_SECONDS = 600;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.target = LEAST_SECONDS;
    this.last = 0;
    this.peak = 0;
    this.clear();
    this.played = 0;
    this.port.onmessage = ({ data }) => {
      if (data.pcm) this.add(data.pcm);
      else if (data === "done") this.done();
      else if (data === "begin") this.played = 0;
      else if (data === "flush") this.flush();
    };
  }

  clear() {
    this.queue = [];
    this.offset = 0;
    this.queued = 0;
    this.waiting = true;
    this.whole = false;
    this.since = currentTime;
  }

  add(pcm) {
    if (this.queued > MOST_QUEUED_SECONDS * sampleRate) return;
    if (this.queued === 0) this.since = currentTime;
    this.whole = false;
    this.queue.push(pcm);
    this.queued += pcm.length;
  }

  done() {
    this.whole = true;
    if (this.queued === 0) this.ranDry();
  }

  flush() {
    const { played } = this;
    this.clear();
    this.port.postMessage({ flushed: played });
  }

  process(_, [[out]]) {
    if (this.waiting && this.queued > 0) {
      const enough = this.queued >= this.target * sampleRate;
      const late = currentTime - this.since >= PATIENCE_SECONDS;
      this.waiting = !(enough || late || this.whole);
    }
    for (let n = 0; n < out.length; n += 1) {
      this.last = this.waiting || this.queued === 0 ? this.faded() : this.next();
      out[n] = this.last;
      this.peak = Math.max(this.peak, Math.abs(this.last));
    }
    if (!this.waiting && this.queued === 0) this.ranDry();
    this.tell();
    return true;
  }

  next() {
    const pcm = this.queue[0];
    const sample = pcm[this.offset] / 32768;
    this.offset += 1;
    this.queued -= 1;
    this.played += 1;
    if (this.offset === pcm.length) {
      this.queue.shift();
      this.offset = 0;
    }
    return sample;
  }

  faded() {
    return Math.abs(this.last) < 1e-4 ? 0 : this.last * Math.exp(-5 / (FADE_SECONDS * sampleRate));
  }

  ranDry() {
    const { whole, played } = this;
    this.clear();
    // Whoever runs dry amid an answer has a network that needs a longer start.
    this.target = whole
      ? Math.max(LEAST_SECONDS, this.target - STEP_SECONDS / 2)
      : Math.min(MOST_SECONDS, this.target + STEP_SECONDS);
    this.port.postMessage({ silent: true, whole, played });
  }

  tell() {
    this.blocks = (this.blocks ?? 0) + 1;
    if (this.blocks * 128 < sampleRate / 30) return;
    this.port.postMessage({ peak: this.peak, played: this.played, queued: this.queued });
    this.blocks = 0;
    this.peak = 0;
  }
}

registerProcessor("playback", Playback);
