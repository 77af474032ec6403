/**
 * The line to the server. What was said into it stays in the outbox until the server acknowledges
 * it, and is said again, under the same id, whenever the line comes back.
 */

const STORE = "ppoyami.outbox";
/** The server lets so many wait for their turn. */
const WAITING_AT_MOST = 10;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;
const SILENCE = 8_000;
const TOO_LARGE = 1009;
const POLICY = 1008;
const NO_SESSION = 4401;

export const State = Object.freeze({
  OPEN: "open",
  WAITING: "waiting",
  STUCK: "stuck",
  NO_COOKIE: "no cookie",
  ENDED: "ended",
});

export class Line {
  #address;
  #listener;
  #outbox = stored();
  #socket = null;
  #fresh = true;
  #tries = 0;
  #retry = 0;
  #heard = 0;
  #asked = false;
  #ended = false;

  /**
   * `listener`: frame(frame), state(state), repeated(ids) before events are sent again, and
   * tooLarge(event) when the server would not take one.
   */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
    setInterval(() => this.#watch(), SILENCE / 2);
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => this.#hurry());
  }

  get pending() {
    return [...this.#outbox.values()];
  }

  open() {
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => this.#lost(socket, code));
  }

  /** False where too much is waiting already: then the event was not taken. */
  send(event) {
    if (this.#ended || this.#outbox.size >= WAITING_AT_MOST) return false;
    if (!this.#outbox.size) this.#heard = Date.now();
    this.#outbox.set(event.id, event);
    this.#store();
    this.#say(event);
    return true;
  }

  again(id) {
    const event = this.#outbox.get(id);
    if (event) this.#say(event);
  }

  /** Ask for the present scene once more; false where there is no line to ask over. */
  greet() {
    return this.#say({ type: "hello", fresh: true });
  }

  forget(id) {
    this.#outbox.delete(id);
    this.#store();
  }

  #opened() {
    const ids = [...this.#outbox.keys()];
    this.#say({ type: "hello", fresh: this.#fresh, pending: this.#fresh ? [] : ids });
    if (!this.#fresh) this.#listener.repeated(ids);
    this.pending.forEach((event) => this.#say(event));
    this.#fresh = false;
    this.#tries = 0;
    this.#listener.state(State.OPEN);
  }

  #say(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #hear(frame) {
    this.#heard = Date.now();
    this.#asked = false;
    if (frame.type === "ack") this.forget(frame.id);
    if (frame.type !== "pong") this.#listener.frame(frame);
  }

  #lost(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (code === NO_SESSION || code === POLICY) {
      this.#ended = true;
      this.#listener.state(code === NO_SESSION ? State.NO_COOKIE : State.ENDED);
      return;
    }
    if (code === TOO_LARGE) this.#dropLargest();
    this.#tries += 1;
    this.#listener.state(this.#tries > 5 ? State.STUCK : State.WAITING);
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (this.#tries - 1));
    this.#retry = setTimeout(() => this.open(), delay * (0.5 + Math.random() / 2));
  }

  #dropLargest() {
    const size = (event) => JSON.stringify(event).length;
    const [largest] = this.pending.sort((a, b) => size(b) - size(a));
    if (!largest) return;
    this.forget(largest.id);
    this.#listener.tooLarge(largest);
  }

  /** A line may die without a word: ask when an answer is overdue, hang up when asking fails. */
  #watch() {
    const socket = this.#socket;
    const overdue = this.#outbox.size && Date.now() - this.#heard > SILENCE;
    if (!overdue || socket?.readyState !== WebSocket.OPEN) return;
    if (this.#asked) {
      socket.close();
      this.#lost(socket, 1006);
    } else {
      this.#asked = true;
      this.#heard = Date.now();
      socket.send(JSON.stringify({ type: "ping" }));
    }
  }

  /** The network or the person is back: do not sit out the delay. */
  #hurry() {
    if (document.hidden || this.#socket || this.#ended) return;
    clearTimeout(this.#retry);
    this.open();
  }

  #store() {
    try {
      sessionStorage.setItem(STORE, JSON.stringify([...this.#outbox]));
    } catch {
      // Without storage only a reload loses what was on its way.
    }
  }
}

function stored() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(STORE) ?? "[]"));
  } catch {
    return new Map();
  }
}
