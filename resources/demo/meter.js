// A level meter: the last second or so as bars, drawn only while there is something to hear.

import { decibels } from "./sound.js";

const BARS = 32;
const WIDTH = 3;
const STEP = 6;
const HEIGHT = 40;
const LOUD = 0.5; // -6 dB

export class Meter {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} words the level in words
   */
  constructor(canvas, words) {
    Object.assign(this, { canvas, words });
    this.levels = new Array(BARS).fill(0);
    this.quiet = BARS;
    this.told = 0;
    this.due = 0;
    this.fit();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    addEventListener("resize", () => this.fit());
  }

  fit() {
    const ratio = devicePixelRatio || 1;
    this.canvas.width = (BARS * STEP - WIDTH) * ratio;
    this.canvas.height = HEIGHT * ratio;
    this.canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw();
  }

  /** @param {number} peak 0 to 1 */
  show(peak) {
    this.levels.shift();
    this.levels.push(peak);
    this.say(peak);
    this.due ||= requestAnimationFrame(() => this.draw());
  }

  rest() {
    this.levels.fill(0);
    this.words.textContent = "silent";
    this.draw();
  }

  say(peak) {
    const now = performance.now();
    if (now - this.told < 250) return;
    this.told = now;
    const level = decibels(peak);
    this.words.textContent = level === null ? "silent" : `${level < 0 ? "−" : ""}${Math.abs(level)} dB`;
  }

  draw() {
    this.due = 0;
    const style = getComputedStyle(this.canvas);
    const colours = ["--border-control", "--meter", "--meter-peak"].map((name) => style.getPropertyValue(name));
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, BARS * STEP, HEIGHT);
    this.levels.forEach((peak, at) => {
      const size = Math.max(WIDTH, Math.min(1, Math.sqrt(peak)) * HEIGHT);
      context.fillStyle = colours[peak < 0.01 ? 0 : peak < LOUD ? 1 : 2];
      context.beginPath();
      context.roundRect(at * STEP, (HEIGHT - size) / 2, WIDTH, size, WIDTH / 2);
      context.fill();
    });
  }
}
