// What can be chosen. Kept in this browser, but for the token; told to the session as soon as it changes.

import { element, find } from "./elements.js";
import { microphones } from "./microphone.js";

const KEY = "aiproxy.demo";
const OTHER = "other";
const VENDORS = { gemini: "Gemini", openai: "OpenAI" };
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
    this.bind();
    this.showTheme();
    this.showVolume();
  }

  bind() {
    for (const name of ["model", "other", "voice", "language", "prompt", "microphone"]) {
      const control = find(name);
      control.value = this.values[name];
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
    if (name === "model") this.showModel();
    if (name === "theme") this.showTheme();
    if (name === "volume") this.showVolume();
    this.changed(name);
  }

  /**
   * @param {object[]} models facts of those that are known
   * @param {Set<string>} offered ids that this server has; where it names none of ours, all are shown
   */
  offer(models, offered) {
    const there = models.filter((one) => offered.has(one.id));
    this.models = there.length ? there : models;
    const groups = Map.groupBy
      ? Map.groupBy(this.models, (one) => one.vendor)
      : grouped(this.models, (one) => one.vendor);
    const choices = [...groups].map(([vendor, some]) =>
      element("optgroup", { label: VENDORS[vendor] ?? vendor }, ...some.map((one) => option(one.id, nameOf(one.id)))),
    );
    find("model").replaceChildren(...choices, option(OTHER, "Another one…"));
    const known = this.models.some((one) => one.id === this.values.model) || this.values.model === OTHER;
    if (!known) this.values.model = this.models[0]?.id ?? OTHER;
    find("model").value = this.values.model;
    this.showModel();
  }

  showModel() {
    find("other-field").hidden = this.values.model !== OTHER;
    const { voices = [], languages = [], search = false } = this.facts ?? { search: true };
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

  get facts() {
    return this.models.find((one) => one.id === this.values.model);
  }

  get model() {
    return this.values.model === OTHER ? this.values.other : this.values.model;
  }

  /** What a person calls whoever answers. */
  get answerer() {
    return VENDORS[this.model.split(":")[0]] ?? "The model";
  }

  /**
   * As the server takes it.
   * @param {boolean} whole whether to name what is left to the model
   */
  config(whole = false) {
    const { voice, language, mode, prompt, search } = this.values;
    const all = {
      model: this.model,
      voice,
      language,
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
  if (control.selectedIndex < 0) {
    control.value = "";
    values[id] = "";
  }
  control.disabled = options.length === 0;
}

const option = (value, label) => element("option", { value }, label);
const nameOf = (id) => id.slice(id.indexOf(":") + 1);

function languageName(tag) {
  return new Intl.DisplayNames(["en"], { type: "language", languageDisplay: "standard" }).of(tag);
}

function grouped(all, key) {
  const groups = new Map();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}
