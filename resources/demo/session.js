// One conversation over the server's WebSocket. Its messages are described in aiproxy_desktop/server/live/routes.py.

const SECONDS_TO_CONNECT = 30;

export class Session {
  /**
   * @param {{message: (message: object) => void, closed: (sentence: string) => void,
   *   sent: (message: object) => void}} handlers `closed` is not called after `close`
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.socket = null;
    this.opened = false;
    this.fatal = "";
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /**
   * Connect, and wait until the model listens.
   * @param {object} config
   * @param {string} token empty where the server wants none
   */
  async start(config, token) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    // A token never stands in an address: addresses are written down by many.
    const protocols = token ? ["aiproxy", `bearer.${token}`] : [];
    const socket = new WebSocket(`${scheme}://${location.host}/api/gemini/ws`, protocols);
    this.socket = socket;
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => this.fail(reject, "The server did not answer in time."), SECONDS_TO_CONNECT * 1000);
      this.settle = (sentence) => {
        clearTimeout(late);
        this.settle = null;
        if (sentence === undefined) resolve();
        else this.fail(reject, sentence);
      };
      socket.onopen = () => {
        this.opened = true;
        this.send({ type: "config", ...config });
      };
      socket.onmessage = ({ data }) => this.take(data);
      socket.onclose = (event) => this.gone(event);
    });
  }

  fail(reject, sentence) {
    this.close();
    reject(new Error(sentence));
  }

  take(data) {
    const message = JSON.parse(data);
    if (message.type === "error" && message.fatal) this.fatal = sentenceOf(message);
    this.handlers.message(message);
    if (message.type === "system") this.settle?.();
  }

  gone({ code, reason }) {
    const why = this.opened ? "The connection to the server was lost." : "The server refused the session.";
    const sentence = this.fatal || reason || (code === 1000 ? "" : why);
    this.socket = null;
    if (this.settle) this.settle(sentence || "The server ended the session.");
    else this.handlers.closed(sentence);
  }

  send(message) {
    if (!this.open) return;
    this.socket.send(JSON.stringify(message));
    this.handlers.sent(message);
  }

  /** Bytes that have not left yet. */
  get waiting() {
    return this.socket?.bufferedAmount ?? 0;
  }

  close() {
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }
}

/** What an error says; the seed's servers had it in `message`. */
export const sentenceOf = (message) => String(message.data ?? message.message ?? "The server reported an error.");
