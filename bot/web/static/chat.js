/** The page: wires the line, the log and the composer together. */

import { Line, State } from "./line.js";
import { Log } from "./log.js";

/** What the conversation reads at once; more stays in the box. */
const TEXT_LENGTH = 1000;
/** A longer text would only make the box slow: it stays in the clipboard. */
const PASTED_AT_MOST = 20_000;
const QUIET = 800;
const BANNERS = {
  [State.WAITING]: "다시 연결하고 있어요…",
  [State.STUCK]: "아직 연결되지 않아요. 인터넷을 확인해 주세요. 보낸 말은 연결되면 전해져요.",
  [State.NO_COOKIE]: "쿠키가 없어 이야기를 이어 갈 수 없어요. 쿠키를 켜고 새로 고쳐 주세요.",
  [State.ENDED]: "연결이 끝났어요. 새로 고치면 다시 이야기할 수 있어요.",
};
const TOO_MANY = "아직 전하지 못한 말이 많아요. 잠시 뒤 다시 보내 주세요.";

const at = (id) => document.getElementById(id);
const [composer, text, banner, menu, more] = ["composer", "text", "banner", "menu", "more"].map(at);

const log = new Log({
  talk: at("talk"),
  log: at("log"),
  typing: at("typing"),
  newest: at("newest"),
  toasts: at("toasts"),
  onPress: (action, bubble) => send({ type: "press", action, bubble }),
});

const line = new Line(address(), {
  frame: show,
  state: showState,
  repeated: (ids) => log.repeated(ids),
  tooLarge: (event) => giveBack(event, tooLong(event.text ?? "")),
});

/** Other tabs of this browser hold the same talk: one that fell behind asks when it is looked at. */
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("ppoyami") : null;
let behind = false;

function catchUp() {
  if (behind && !document.hidden && line.greet()) behind = false;
}

function address() {
  const here = new URL("/ws", window.location.href);
  here.protocol = here.protocol === "https:" ? "wss:" : "ws:";
  return here.href;
}

/** The event's id, or null where it was not taken. */
function send(event) {
  const id = newId();
  if (line.send({ id, ...event })) return id;
  log.notice(TOO_MANY);
  return null;
}

/** randomUUID exists on secure origins only; a shop may try the page over plain http. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** True where it was taken. `label` is what the person sees of it. */
function say(words, label = words) {
  const id = send({ type: "say", text: words });
  if (id) log.mine(label, id);
  return id !== null;
}

function show(frame) {
  switch (frame.type) {
    case "ack":
      tabs?.postMessage("moved on");
      return log.done(frame.id);
    case "error":
      return showError(frame);
    default:
      return log.show(frame);
  }
}

function showError({ id, text: words, again }) {
  if (id) log.failed(id);
  if (again) {
    const act = id ? () => line.again(id) : () => line.greet();
    return log.notice(words, "다시 보내기", act);
  }
  const event = line.pending.find((waiting) => waiting.id === id);
  if (id) line.forget(id);
  return giveBack(event, words);
}

/** What was not taken goes back where it was written. */
function giveBack(event, words) {
  if (event) log.failed(event.id);
  if (event?.type === "say" && !text.value) {
    text.value = event.text;
    grow();
  }
  log.notice(words);
}

let quiet = 0;

function showState(state) {
  clearTimeout(quiet);
  const words = BANNERS[state];
  const shown = () => {
    banner.hidden = !words;
    banner.textContent = words ?? "";
  };
  // A short break is nobody's business.
  if (state === State.WAITING && banner.hidden) quiet = setTimeout(shown, QUIET);
  else shown();
}

function tooLong(words) {
  const count = words.length.toLocaleString("ko-KR");
  const most = TEXT_LENGTH.toLocaleString("ko-KR");
  return `한 번에 ${most}자까지 보낼 수 있어요. 지금은 ${count}자예요. 조금 줄여 주세요.`;
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

function submit() {
  const words = text.value.trim();
  if (!words) return;
  if (words.length > TEXT_LENGTH) {
    log.notice(tooLong(words));
  } else if (say(words)) {
    text.value = "";
    grow();
  }
}

function sendFiles(files) {
  const [file] = files;
  if (!file) return false;
  const photo = file.type.startsWith("image/");
  const id = send({ type: "send", media: photo ? "photo" : "other" });
  if (id) log.mine(photo ? "🖼 사진" : "📎 파일", id);
  return true;
}

function toggleMenu(open = menu.hidden) {
  menu.hidden = !open;
  more.setAttribute("aria-expanded", String(open));
  if (open) menu.querySelector("button").focus();
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  // Enter that ends a Hangul syllable belongs to the input method (229: Safari says it so).
  const composing = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || event.shiftKey || composing) return;
  event.preventDefault();
  submit();
});
text.addEventListener("paste", (event) => {
  const pasted = event.clipboardData;
  const words = pasted?.getData("text/plain") ?? "";
  const huge = words.length > PASTED_AT_MOST;
  if (huge) log.notice(tooLong(words));
  if (huge || sendFiles(pasted?.files ?? [])) event.preventDefault();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  sendFiles(event.dataTransfer?.files ?? []);
});

tabs?.addEventListener("message", () => {
  behind = true;
});
window.addEventListener("focus", catchUp);
document.addEventListener("visibilitychange", catchUp);

at("home").addEventListener("click", () => {
  toggleMenu(false);
  say("처음으로");
});
more.addEventListener("click", () => toggleMenu());
menu.addEventListener("click", ({ target }) => {
  if (!target.dataset.say) return;
  toggleMenu(false);
  more.focus();
  say(target.dataset.say, target.textContent);
});
document.addEventListener("click", ({ target }) => {
  if (!menu.hidden && !menu.contains(target) && !more.contains(target)) toggleMenu(false);
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  if (!menu.hidden) {
    toggleMenu(false);
    more.focus();
  } else if (window.parent !== window) {
    // In a shop's frame: embed.js closes it. The word is no secret, whoever the shop is.
    window.parent.postMessage("ppoyami:close", "*");
  }
});

// Where the keyboard lies over the page instead of shortening it (iOS), shorten it here.
window.visualViewport?.addEventListener("resize", () => {
  const { height } = window.visualViewport;
  const covered = window.innerHeight - height > 80;
  document.documentElement.style.setProperty("--height", covered ? `${height}px` : "100dvh");
});

line.pending.forEach((event) => event.type === "say" && log.mine(event.text, event.id));
line.open();
if (window.matchMedia("(hover: hover) and (pointer: fine)").matches) text.focus();
