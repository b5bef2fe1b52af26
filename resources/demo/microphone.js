// The microphone: opened when a session begins to talk, closed when it ends.

const REASONS = {
  NotAllowedError: "The browser keeps the microphone from this page. Allow it in the address bar, then try again.",
  NotFoundError: "There is no microphone. Plug one in, then try again.",
  NotReadableError: "The microphone is used by something else. End that, then try again.",
  OverconstrainedError: "The chosen microphone is gone. Choose another one in Settings.",
};

export class Microphone {
  /**
   * @param {{piece: (pcm: Int16Array) => void, level: (peak: number) => void, lost: () => void}} handlers
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.context = null;
    this.stream = null;
    this.ended = null;
  }

  get open() {
    return this.node != null;
  }

  /**
   * Ask for it; the browser may ask the person.
   * @param {{rate: number, device: string, clean: boolean}} wanted samples a second; a device's id, empty for the
   *   usual one; whether echo and noise are taken away
   */
  async start({ rate, device, clean }) {
    if (!navigator.mediaDevices) {
      throw new Error("Browsers give the microphone to pages on localhost or behind https alone. Here you can type.");
    }
    const audio = { echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean, channelCount: 1 };
    if (device) audio.deviceId = { exact: device };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio });
      this.context = new AudioContext({ latencyHint: "balanced" });
      await this.context.audioWorklet.addModule("/demo/capture-worklet.js");
      if (!this.context) return; // closed meanwhile
      this.connect(rate);
      await this.context.resume();
    } catch (error) {
      this.stop();
      throw new Error(REASONS[error.name] ?? `The microphone cannot be opened: ${error.message}`);
    }
  }

  connect(rate) {
    const node = new AudioWorkletNode(this.context, "capture", { processorOptions: { rate } });
    node.port.onmessage = ({ data }) => {
      if (data.pcm) this.handlers.piece(data.pcm);
      else if (data.ended) this.settle();
      else this.handlers.level(data.peak);
    };
    this.context.createMediaStreamSource(this.stream).connect(node);
    node.connect(this.context.destination); // it writes nothing there, but is asked for it
    this.stream.getAudioTracks()[0].onended = () => this.handlers.lost();
    this.node = node;
  }

  /** Pass on what is heard from now on. */
  begin() {
    this.node.port.postMessage("begin");
  }

  /** Pass on nothing more; resolves when the last piece is out. */
  end() {
    if (!this.open) return Promise.resolve();
    this.node.port.postMessage("end");
    return new Promise((resolve) => {
      this.settle();
      this.ended = resolve;
    });
  }

  settle() {
    this.ended?.();
    this.ended = null;
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.stream = this.context = this.node = null;
    this.settle();
  }
}

/** @returns {Promise<{id: string, label: string}[]>} those the browser tells of; without leave none has a name */
export async function microphones() {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return all
    .filter((one) => one.kind === "audioinput" && one.deviceId && one.label && one.deviceId !== "default")
    .map((one) => ({ id: one.deviceId, label: one.label }));
}
