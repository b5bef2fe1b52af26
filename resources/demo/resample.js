// Sound at another rate. Samples in between are found with a windowed sinc, whose cut-off is the lower of the two
// rates' halves, so that nothing above it folds back into what can be heard.

const ZEROS = 16; // crossings of the sinc on each side
const PASS = 0.92; // of what the lower rate can carry

export class Resampler {
  /**
   * @param {number} from samples a second that come
   * @param {number} to samples a second that are wanted
   */
  constructor(from, to) {
    const common = divisor(from, to);
    this.up = to / common;
    this.down = from / common;
    const lower = Math.min(1, to / from);
    this.half = Math.ceil(ZEROS / lower);
    this.kernels = kernels(this.up, this.half, lower * PASS);
    this.reset();
  }

  /** Forget what came: another sound begins. */
  reset() {
    this.kept = new Float32Array(this.half - 1);
    this.at = this.half - 1; // where in `kept` and what follows the next sample is due
    this.phase = 0;
  }

  /**
   * @param {Float32Array} input
   * @returns {Float32Array} what can be told by now; the rest comes with the next input
   */
  process(input) {
    const { up, down, half, kernels } = this;
    if (up === down) return input.slice();
    const all = new Float32Array(this.kept.length + input.length);
    all.set(this.kept);
    all.set(input, this.kept.length);
    const made = [];
    while (this.at + half < all.length) {
      const kernel = kernels[this.phase];
      const first = this.at - half + 1;
      let sum = 0;
      for (let n = 0; n < kernel.length; n += 1) sum += kernel[n] * all[first + n];
      made.push(sum);
      this.phase += down;
      this.at += Math.floor(this.phase / up);
      this.phase %= up;
    }
    const first = Math.min(all.length, Math.max(0, this.at - half + 1));
    this.kept = all.slice(first);
    this.at -= first;
    return Float32Array.from(made);
  }

  /** @returns {Float32Array} the end of the sound */
  finish() {
    const rest = this.process(new Float32Array(this.half));
    this.reset();
    return rest;
  }
}

function kernels(phases, half, cutoff) {
  return Array.from({ length: phases }, (_, phase) => {
    const kernel = new Float32Array(2 * half);
    let sum = 0;
    for (let n = 0; n < kernel.length; n += 1) {
      const distance = n - half + 1 - phase / phases;
      kernel[n] = sinc(cutoff * distance) * hann(distance / half);
      sum += kernel[n];
    }
    return kernel.map((one) => one / sum);
  });
}

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const hann = (x) => (Math.abs(x) >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * x));
const divisor = (a, b) => (b === 0 ? a : divisor(b, a % b));
