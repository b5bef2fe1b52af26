// Hold to talk: with a pointer, a finger, Space anywhere but in a field, or, where nothing can be held, by one press
// to begin and another to end (Enter, and what screen readers do).

const FIELDS = "input, textarea, select, button, [contenteditable]";

export class TalkButton {
  /**
   * @param {HTMLButtonElement} button
   * @param {{holds: () => boolean, press: () => void, release: () => void, toggle: () => void}} handlers `holds`: is
   *   it held to talk; else each press is a `toggle`
   */
  constructor(button, handlers) {
    Object.assign(this, { button, handlers });
    this.down = false;
    this.latched = false;
    this.pointers();
    this.keys();
    button.addEventListener("click", (event) => this.clicked(event));
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    addEventListener("blur", () => this.up());
    document.addEventListener("visibilitychange", () => document.hidden && this.up());
  }

  pointers() {
    const { button } = this;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !this.handlers.holds()) return;
      button.setPointerCapture(event.pointerId);
      this.press();
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(name, () => this.up());
    }
  }

  keys() {
    addEventListener("keydown", (event) => {
      if (event.code !== "Space" || !this.mine(event)) return;
      event.preventDefault(); // nor scroll, nor click
      if (event.repeat) return;
      if (this.handlers.holds()) this.press();
      else this.handlers.toggle();
    });
    addEventListener("keyup", (event) => {
      if (event.code !== "Space" || !this.mine(event)) return;
      event.preventDefault();
      this.up();
    });
  }

  mine({ target, ctrlKey, altKey, metaKey }) {
    const elsewhere = target instanceof Element && target !== this.button && target.closest(FIELDS);
    return !elsewhere && !ctrlKey && !altKey && !metaKey;
  }

  clicked({ detail }) {
    if (!this.handlers.holds()) this.handlers.toggle();
    else if (detail === 0) this.latch();
  }

  latch() {
    if (this.latched) {
      this.up();
      return;
    }
    this.press();
    this.latched = true;
  }

  press() {
    if (this.down) return;
    this.down = true;
    this.handlers.press();
  }

  up() {
    if (!this.down) return;
    this.down = this.latched = false;
    this.handlers.release();
  }
}
