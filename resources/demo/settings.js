// What can be chosen. Kept in this browser, but for the token; told to the session as soon as it changes.

import { element, find } from "./elements.js";
import { microphones } from "./microphone.js";

const KEY = "aiproxy.demo";
const OTHER = "other";
const DEFAULTS = {
  model: "",
  other: "",
  voice: "",
  language: "",
  mode: "push_to_talk",
  prompt: "",
  search: false,
  microphone: "",
  clean: true,
  volume: 100,
  theme: "system",
};

export class Settings {
  /** @param {(name: string) => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.values = { ...DEFAULTS, ...stored() };
    this.models = [];
    this.chosen = ""; // until it is known what there is
    this.bind();
    this.showModel();
    this.showTheme();
    this.showVolume();
  }

  bind() {
    for (const name of ["model", "other", "voice", "language", "prompt", "microphone"]) {
      const control = find(name);
      if (!control.options) control.value = this.values[name]; // else once there is something to choose
      control.addEventListener("change", () => this.set(name, control.value.trim()));
    }
    for (const name of ["search", "clean"]) {
      const control = find(name);
      control.checked = this.values[name];
      control.addEventListener("change", () => this.set(name, control.checked));
    }
    for (const name of ["mode", "theme"]) {
      for (const control of document.querySelectorAll(`input[name="${name}"]`)) {
        control.checked = control.value === this.values[name];
        control.addEventListener("change", () => this.set(name, control.value));
      }
    }
    const volume = find("volume");
    volume.value = this.values.volume;
    volume.addEventListener("input", () => this.set("volume", Number(volume.value)));
  }

  set(name, value) {
    this.values[name] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // A browser that keeps nothing: what is chosen holds until the page is closed.
    }
    if (name === "model") {
      this.chosen = value;
      this.showModel();
    }
    if (name === "theme") this.showTheme();
    if (name === "volume") this.showVolume();
    this.changed(name);
  }

  /** @param {object[]} models those that can be talked with; what was chosen before is kept where it is among them */
  offer(models) {
    this.models = models;
    const labels = [...new Set(models.map((one) => one.label))];
    const groups = labels.map((label) => {
      const own = models.filter((one) => one.label === label);
      return element("optgroup", { label }, ...own.map((one) => option(one.id, one.name)));
    });
    find("model").disabled = false;
    find("model").replaceChildren(...groups, option(OTHER, "Another one…"));
    const kept = models.some((one) => one.id === this.values.model) || this.values.model === OTHER;
    this.chosen = kept ? this.values.model : (models[0]?.id ?? OTHER);
    find("model").value = this.chosen;
    this.showModel();
  }

  showModel() {
    find("other-field").hidden = this.chosen !== OTHER;
    const { voices = [], languages = [], google_search: search = true } = this.facts ?? {};
    choose("voice", this.values, voices.map((one) => option(one, one)), "Automatic");
    choose("language", this.values, languages.map((one) => option(one, languageName(one))), "Automatic");
    find("search").disabled = !search;
    find("search-row").classList.toggle("off", !search);
  }

  showTheme() {
    const { theme } = this.values;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  showVolume() {
    find("volume-words").textContent = `${this.values.volume} %`;
    find("volume").style.setProperty("--filled", `${this.values.volume}%`);
  }

  /** Name the microphones; browsers tell their names once one was allowed. */
  async showMicrophones() {
    const found = (await microphones()).map((one) => option(one.id, one.label));
    choose("microphone", this.values, found, "The usual one");
  }

  /** The id of the one that is chosen; empty for the usual one. */
  get microphone() {
    return find("microphone").value;
  }

  get facts() {
    return this.models.find((one) => one.id === this.chosen);
  }

  get model() {
    return this.chosen === OTHER ? this.values.other : this.chosen;
  }

  /** What a person calls whoever answers. */
  get answerer() {
    return this.facts?.label ?? "The model";
  }

  /**
   * As the server takes it.
   * @param {boolean} whole whether to name what is left to the model
   */
  config(whole = false) {
    const { mode, prompt, search } = this.values;
    const all = {
      model: this.model,
      voice: find("voice").value,
      language: find("language").value,
      mode,
      system_instruction: prompt,
      google_search: search && !find("search").disabled,
    };
    return whole ? all : Object.fromEntries(Object.entries(all).filter(([, value]) => value));
  }
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // nothing is kept, or what is kept was written by something else
  }
}

function choose(id, values, options, none) {
  const control = find(id);
  control.replaceChildren(option("", none), ...options);
  control.value = values[id];
  if (control.selectedIndex < 0) control.value = ""; // not this model's; kept for one that has it
  control.disabled = options.length === 0;
}

const option = (value, label) => element("option", { value }, label);

function languageName(tag) {
  return new Intl.DisplayNames(["en"], { type: "language", languageDisplay: "standard" }).of(tag);
}
