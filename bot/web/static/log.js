/** The conversation on the screen. Text goes in as text only; nothing here reads HTML. */

const NEAR = 96;
/** Labels of so many letters stay on one line. */
const SHORT = 8;
const TOAST_STAYS = 2600;

/** element("p", { className: "text", textContent: "…" }, child, …) */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Facts that break between two of them only, and never before the dot. */
function unbroken(facts) {
  const whole = facts.split(" · ").map((fact) => fact.replaceAll(" ", "\u00a0"));
  return whole.join("\u00a0· ");
}

export class Log {
  #talk;
  #log;
  #typing;
  #newest;
  #toasts;
  #onPress;
  #entries = new Map();
  #presses = new Map();
  #outdated = new Map();
  #anchor = null;
  #following = true;
  #target = 0;

  /** `onPress(action, bubble, label)` returns the event's id, or null where it was not taken. */
  constructor({ talk, log, typing, newest, toasts, onPress }) {
    this.#talk = talk;
    this.#log = log;
    this.#typing = typing;
    this.#newest = newest;
    this.#toasts = toasts;
    this.#onPress = onPress;
    talk.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    newest.addEventListener("click", () => this.#toBottom());
    new ResizeObserver(() => this.#following && this.#follow()).observe(talk);
  }

  /** What the person said, on the right. */
  mine(text, id) {
    this.#toasts.replaceChildren();
    const entry = element("div", { className: "entry mine sending" });
    entry.append(element("p", { className: "bubble", textContent: text }));
    entry.dataset.mine = id;
    this.#append(entry);
    this.#anchor = entry;
    this.#follow({ always: true });
  }

  show(frame) {
    if (frame.type === "toast") return this.#toast(frame.text);
    if (frame.type === "typing") return this.#type(true);
    this.#type(false);
    this.#forgetOutdated(frame.event);
    switch (frame.type) {
      case "bubble":
        return this.#put(frame, this.#bubble(frame));
      case "progress":
        return this.#grow(frame);
      case "card":
        return this.#putCard(frame);
      case "document":
        return this.#put(frame, this.#document(frame));
    }
  }

  /** The event was applied and answered. */
  done(id) {
    this.#type(false);
    this.#log.querySelector(`[data-mine="${id}"]`)?.classList.remove("sending", "failed");
    this.#release(id);
    this.#presses.delete(id);
  }

  /** The event was not applied. */
  failed(id) {
    this.#type(false);
    const mine = this.#log.querySelector(`[data-mine="${id}"]`);
    mine?.classList.remove("sending");
    mine?.classList.add("failed");
    this.#release(id);
  }

  /** These events are sent again: the answer that comes takes the place of what came of it. */
  repeated(ids) {
    this.#type(false);
    ids.forEach((id) => {
      const drawn = this.#log.querySelectorAll(`[data-event="${id}"]:not(.mine)`);
      this.#outdated.set(id, [...drawn]);
    });
  }

  /** A line of the page itself, with something to do about it if there is. */
  notice(text, label, act) {
    const line = element("div", { className: "notice" });
    line.append(element("p", { textContent: text }));
    if (label) {
      const button = element("button", { type: "button", textContent: label });
      button.addEventListener("click", () => {
        line.remove();
        act();
      });
      line.append(button);
    }
    this.#append(line);
    this.#follow();
  }

  #bubble(frame) {
    const bubble = element("div", { className: "bubble" }, ...paragraphs(frame.text));
    if (frame.rows.length) bubble.append(this.#rows(frame.rows, frame.id));
    const wide = frame.rows.length ? " wide" : "";
    return element("div", { className: `entry theirs${wide}`, tabIndex: -1 }, bubble);
  }

  /** A file to keep. Its address lives as long as the page does: it may be fetched again. */
  #document(frame) {
    const entry = this.#bubble({ ...frame, rows: [] });
    const blob = new Blob([frame.content], { type: "application/json" });
    const file = { href: URL.createObjectURL(blob), download: frame.name, textContent: "파일 받기" };
    const link = element("a", { className: "button short", ...file });
    const rows = element("div", { className: "rows" }, element("div", { className: "row" }, link));
    entry.firstElementChild.append(rows);
    entry.classList.add("wide");
    return entry;
  }

  /** An answer while it is being written: the screen reader hears it once, when it is whole. */
  #grow(frame) {
    const growing = this.#entries.get(frame.id);
    if (growing) {
      // «그만» stays the button it is: it may be under the finger.
      const stop = growing.querySelectorAll(".rows");
      growing.firstElementChild.replaceChildren(...paragraphs(frame.text), ...stop);
      return this.#follow();
    }
    const entry = this.#bubble({ rows: [], ...frame });
    entry.classList.add("growing");
    entry.setAttribute("aria-live", "off");
    return this.#put(frame, entry);
  }

  #put(frame, entry) {
    const old = frame.replaces ? this.#entries.get(frame.replaces) : undefined;
    this.#entries.set(frame.id, entry);
    if (old?.isConnected) {
      this.#presses.delete(frame.event);
      this.#swap(old, entry);
    } else {
      this.#echo(frame.event);
      entry.dataset.event = frame.event ?? "";
      this.#append(entry);
    }
    this.#follow();
  }

  /** Put an entry in another's place without losing the keyboard's. */
  #swap(old, entry) {
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    entry.dataset.event = old.dataset.event;
    entry.classList.add("still");
    const last = old === this.#log.lastElementChild;
    if (this.#anchor === old) this.#anchor = entry;
    const next = held && same(entry, held);
    if (next === entry) spokenByFocus(entry);
    old.replaceWith(entry);
    next?.focus({ preventScroll: true });
    if (!last) entry.scrollIntoView({ block: "nearest" });
  }

  #putCard(frame) {
    this.#echo(frame.event);
    const last = this.#log.lastElementChild;
    const joins = last?.matches(".carousel") && last.dataset.event === (frame.event ?? "");
    const track = joins ? last.querySelector(".track") : this.#carousel(frame.event);
    track.append(this.#card(frame));
    this.#follow();
  }

  #carousel(event) {
    const track = element("div", { className: "track", tabIndex: 0 });
    track.setAttribute("role", "group");
    track.setAttribute("aria-label", "제품 카드");
    // For the mouse alone: the keyboard moves the track by itself.
    const [back, on] = [-1, 1].map((way) => arrow(track, way));
    const carousel = element("div", { className: "entry carousel" }, track, back, on);
    const ends = () => {
      back.hidden = track.scrollLeft < 8;
      on.hidden = track.scrollLeft + track.clientWidth > track.scrollWidth - 8;
    };
    track.addEventListener("scroll", ends, { passive: true });
    carousel.addEventListener("mouseenter", ends);
    carousel.dataset.event = event ?? "";
    this.#append(carousel);
    return track;
  }

  #card(frame) {
    const name = element("h2", { className: "name", textContent: frame.name });
    const body = element(
      "div",
      { className: "body" },
      element("p", { className: "brand", textContent: frame.brand }),
      name,
      element("p", { className: "facts", textContent: unbroken(frame.facts) }),
    );
    if (frame.note) body.append(element("p", { className: "note", textContent: frame.note }));
    if (frame.rows.length) body.append(this.#rows(frame.rows, null));
    const card = element("article", { className: "card" }, picture(frame), body);
    card.setAttribute("aria-label", `${frame.brand} ${frame.name}`);
    return card;
  }

  #rows(rows, bubble) {
    const drawn = rows.map((row) => {
      const buttons = row.map((button) => this.#button(button, bubble));
      return element("div", { className: "row" }, ...buttons);
    });
    return element("div", { className: "rows" }, ...drawn);
  }

  #button(button, bubble) {
    const short = button.label.length <= SHORT ? " short" : "";
    const className = `button ${button.tone}${short}`;
    const properties = { className, textContent: button.label };
    const made = button.url ? link(button.url, properties) : element("button", properties);
    if (button.about) made.setAttribute("aria-description", button.about);
    if (!button.url) {
      made.type = "button";
      made.dataset.action = button.action;
      made.addEventListener("click", () => this.#press(made, button, bubble));
    }
    return made;
  }

  #press(made, button, bubble) {
    if (made.dataset.busy) return;
    const id = this.#onPress(button.action, bubble);
    if (!id) return;
    made.parentElement.querySelectorAll(".pressed").forEach((b) => b.classList.remove("pressed"));
    made.classList.add("pressed");
    this.#toasts.replaceChildren();
    made.dataset.busy = id;
    this.#presses.set(id, button.label);
    this.#following = true;
    this.#anchor = bubble ? (this.#entries.get(bubble) ?? null) : null;
  }

  /** An answer in a new bubble follows what was pressed; one that began in place needs no echo. */
  #echo(event) {
    const label = this.#presses.get(event);
    if (!label) return;
    this.#presses.delete(event);
    this.mine(label, event);
  }

  #release(id) {
    this.#log.querySelectorAll(`[data-busy="${id}"]`).forEach((b) => delete b.dataset.busy);
  }

  #forgetOutdated(event) {
    this.#outdated.get(event)?.forEach((entry) => entry.remove());
    this.#outdated.delete(event);
  }

  #type(on) {
    this.#typing.hidden = !on;
    if (on) this.#follow();
  }

  #toast(text) {
    const toast = element("p", { className: "toast", textContent: text });
    this.#toasts.replaceChildren(toast);
    setTimeout(() => toast.remove(), TOAST_STAYS);
  }

  #append(entry) {
    this.#log.append(entry);
  }

  #nearBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#talk;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  /** Show what came, but never scroll the beginning of an answer out of sight. */
  #follow({ always = false } = {}) {
    this.#following ||= always;
    if (this.#following) {
      const bottom = this.#talk.scrollHeight - this.#talk.clientHeight;
      const top = this.#anchor?.isConnected ? this.#anchor.offsetTop - 12 : bottom;
      this.#talk.scrollTop = Math.min(bottom, top);
      this.#target = this.#talk.scrollTop;
    }
    this.#newest.hidden = this.#nearBottom();
  }

  #scrolled() {
    if (this.#nearBottom()) this.#newest.hidden = true;
    if (Math.abs(this.#talk.scrollTop - this.#target) > 2) this.#following = this.#nearBottom();
  }

  #toBottom() {
    this.#anchor = null;
    this.#follow({ always: true });
  }
}

function paragraphs(text) {
  const parts = text.split(/\n{2,}/).filter(Boolean);
  return parts.map((part) => element("p", { className: "text" }, ...lines(part)));
}

/** Lines as text, those of a list («· …», «1. …», «[1] …») with their mark hanging. */
function lines(part) {
  const drawn = part.split("\n").map((line) => item(line) ?? line);
  return drawn.flatMap((line, place) => (place ? ["\n", line] : [line]));
}

function item(line) {
  const [, mark, rest] = /^(·|\d+\.|\[\d+\]) (.+)$/.exec(line) ?? [];
  if (!mark) return null;
  const halves = [`${mark} `, rest].map((textContent) => element("span", { textContent }));
  return element("span", { className: "item" }, ...halves);
}

function link(url, properties) {
  const safe = /^(https?:\/\/|\/(?!\/))/i.test(url) ? url : "about:blank";
  const rel = "noopener noreferrer nofollow";
  return element("a", { ...properties, href: safe, target: "_blank", rel });
}

function picture(frame) {
  const frameBox = element("div", { className: "picture" });
  if (!frame.picture) return frameBox;
  const alt = `${frame.name} 그림`;
  const image = element("img", { alt, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.remove());
  image.src = frame.picture;
  frameBox.append(image);
  return frameBox;
}

function arrow(track, way) {
  const side = way < 0 ? "back" : "on";
  const made = element("button", { type: "button", className: `arrow ${side}`, tabIndex: -1 });
  made.setAttribute("aria-hidden", "true");
  made.addEventListener("click", () => {
    track.scrollBy({ left: way * track.clientWidth * 0.8, behavior: "smooth" });
  });
  return made;
}

/** The focus that comes reads it aloud; the log must not do so once more. */
function spokenByFocus(entry) {
  const words = [...entry.querySelectorAll(".text")].map((part) => part.textContent);
  entry.setAttribute("role", "group");
  entry.setAttribute("aria-label", words.join(" "));
  entry.setAttribute("aria-live", "off");
}

/** The button that `held` has become, else the whole entry: a new question is read from its start. */
function same(entry, held) {
  const label = (button) => button.textContent.replace(/^✅\s*/, "");
  const buttons = [...entry.querySelectorAll(".button")];
  return (
    buttons.find((b) => b.dataset.action && b.dataset.action === held.dataset.action) ??
    buttons.find((b) => label(b) === label(held)) ??
    entry
  );
}
