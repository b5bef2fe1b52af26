// What the microphone hears, on the audio thread: mixed to one channel, brought to the wanted rate, as PCM16 in
// pieces of 20 ms. Sent on only between "begin" and "end"; the level is told always.

import { Resampler } from "./resample.js";

// What was said just before the button was let go is still on its way through the system.
const TAIL_SECONDS = 0.08;

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.resampler = new Resampler(sampleRate, rate);
    this.piece = new Int16Array(rate / 50);
    this.filled = 0;
    this.peak = 0;
    this.sending = false;
    this.endsAt = Infinity;
    this.port.onmessage = ({ data }) => {
      if (data === "begin") this.begin();
      else if (data === "end") this.endsAt = this.sending ? currentTime + TAIL_SECONDS : currentTime;
    };
  }

  begin() {
    if (this.sending) this.end(); // the turn before had not quite ended
    this.resampler.reset();
    this.filled = 0;
    this.sending = true;
    this.endsAt = Infinity;
  }

  process([channels]) {
    const mixed = mix(channels);
    for (const sample of mixed) this.peak = Math.max(this.peak, Math.abs(sample));
    if (this.sending) this.take(this.resampler.process(mixed));
    if (currentTime >= this.endsAt) this.end();
    this.tell();
    return true;
  }

  take(samples) {
    for (const sample of samples) {
      const clipped = Math.max(-1, Math.min(1, sample));
      this.piece[this.filled] = Math.round(clipped * (clipped < 0 ? 32768 : 32767));
      this.filled += 1;
      if (this.filled === this.piece.length) this.pass();
    }
  }

  pass() {
    const pcm = this.piece.slice(0, this.filled);
    this.filled = 0;
    if (pcm.length) this.port.postMessage({ pcm }, [pcm.buffer]);
  }

  end() {
    if (this.sending) {
      this.take(this.resampler.finish());
      this.pass();
    }
    this.sending = false;
    this.endsAt = Infinity;
    this.port.postMessage({ ended: true });
  }

  tell() {
    this.blocks = (this.blocks ?? 0) + 1;
    if (this.blocks * 128 < sampleRate / 30) return;
    this.port.postMessage({ peak: this.peak });
    this.blocks = 0;
    this.peak = 0;
  }
}

function mix(channels) {
  if (!channels || channels.length === 0) return new Float32Array(128); // a microphone that is just starting
  if (channels.length === 1) return channels[0];
  return channels[0].map((_, at) => channels.reduce((sum, one) => sum + one[at], 0) / channels.length);
}

registerProcessor("capture", Capture);
