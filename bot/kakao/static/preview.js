// Draws skill responses as KakaoTalk would, and says what is typed and tapped.
"use strict";

const log = document.querySelector("main");
const chips = document.querySelector(".chips");
const form = document.querySelector("form");
const FOLDED = 500; // KakaoTalk folds longer texts behind «전체보기»
const ONLY_THERE = { operator: "상담원 연결", phone: "전화", share: "공유", block: "블록" };

function make(tag, classes = "", text = "") {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  return node;
}

function won(amount) {
  return `${amount.toLocaleString("ko-KR")}원`;
}

// --- what can be tapped ---------------------------------------------------------------------------

function tappable(button, label, trigger) {
  if (button.action === "webLink") {
    const link = make("a", "", label);
    link.href = button.webLinkUrl;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  }
  const node = make("button", "", label);
  node.type = "button";
  node.addEventListener("click", () => tap(button, trigger));
  return node;
}

function tap(button, trigger) {
  if (button.action === "message") {
    say({ utterance: button.messageText, trigger: `${trigger}_MESSAGE`, extra: button.extra ?? null });
  } else {
    tell([make("p", "text", `(${ONLY_THERE[button.action]}: 카카오톡에서만 열려요.)`)]);
  }
}

function buttonsOf(part) {
  const box = make("div", part.buttonLayout === "horizontal" ? "buttons beside" : "buttons");
  box.append(...(part.buttons ?? []).map((one) => tappable(one, one.label, "CARD_BUTTON")));
  return box.childElementCount ? [box] : [];
}

// --- components -----------------------------------------------------------------------------------

function picture(thumbnail) {
  const image = make("img", thumbnail.fixedRatio === false ? "wide" : "square");
  image.src = thumbnail.imageUrl;
  image.alt = thumbnail.altText ?? "";
  return image;
}

function body(...nodes) {
  const box = make("div", "body");
  box.append(...nodes);
  return box;
}

function card(...nodes) {
  const box = make("article", "card");
  box.append(...nodes);
  return box;
}

function wording(part) {
  const nodes = [];
  if (part.title) nodes.push(make("strong", "", part.title));
  if (part.description) nodes.push(make("p", "description", part.description));
  return nodes;
}

function price(part) {
  const line = make("p", "price");
  if (part.discountedPrice === undefined) {
    line.textContent = won(part.price);
    return line;
  }
  if (part.discountRate) line.append(make("em", "", `${part.discountRate}%`));
  line.append(won(part.discountedPrice), make("del", "", won(part.price)));
  return line;
}

const DRAW = {
  simpleText({ text }) {
    const bubble = make("div", "text");
    const long = text.length > FOLDED;
    const words = make("p", "", long ? `${text.slice(0, FOLDED)}…` : text);
    bubble.append(words);
    if (long) {
      const unfold = make("button", "unfold", "전체보기");
      unfold.type = "button";
      unfold.addEventListener("click", () => {
        words.textContent = text;
        unfold.remove();
      });
      bubble.append(unfold);
    }
    return bubble;
  },
  simpleImage(part) {
    return card(picture({ ...part, fixedRatio: false }));
  },
  textCard(part) {
    return card(body(...wording(part)), ...buttonsOf(part));
  },
  basicCard(part) {
    return card(picture({ fixedRatio: false, ...part.thumbnail }), body(...wording(part)), ...buttonsOf(part));
  },
  commerceCard(part) {
    const seller = part.profile ? [make("small", "", part.profile.nickname)] : [];
    const words = body(price(part), ...wording(part), ...seller);
    return card(picture(part.thumbnails[0]), words, ...buttonsOf(part));
  },
  listCard(part) {
    const list = make("ul", "list");
    for (const item of part.items) {
      const row = item.action ? tappable(item, "", "LIST_ITEM") : make("div", "row");
      const words = make("span", "", item.title);
      if (item.description) words.append(make("small", "", item.description));
      row.append(words);
      if (item.imageUrl) row.append(picture(item));
      const line = make("li");
      line.append(row);
      list.append(line);
    }
    return card(make("div", "heading", part.header.title), list, ...buttonsOf(part));
  },
  itemCard(part) {
    const list = make("dl", "items");
    for (const item of [...part.itemList, ...(part.itemListSummary ? [part.itemListSummary] : [])]) {
      list.append(make("dt", "", item.title), make("dd", "", item.description));
    }
    const head = part.head ?? part.profile;
    const nodes = part.thumbnail ? [picture(part.thumbnail)] : [];
    if (head) nodes.push(make("div", "heading", head.title));
    return card(...nodes, list, body(...wording(part)), ...buttonsOf(part));
  },
  carousel(part) {
    const track = make("div", "track");
    track.tabIndex = 0;
    track.setAttribute("role", "group");
    track.setAttribute("aria-label", "옆으로 넘겨 보기");
    track.append(...part.items.map((item) => DRAW[part.type](item)));
    return track;
  },
};

// --- the talk -------------------------------------------------------------------------------------

function tell(nodes, answer) {
  const told = make("section", "told");
  const outputs = make("div", "outputs");
  outputs.append(...nodes);
  told.append(make("span", "face", "뽀"), make("p", "who", "뽀야미"), outputs);
  if (answer) told.append(source(answer));
  log.append(told);
  told.scrollIntoView({ block: "start" });
}

function source(answer) {
  const written = JSON.stringify(answer);
  const details = make("details");
  const size = new TextEncoder().encode(written).length.toLocaleString("ko-KR");
  details.append(make("summary", "", `응답 ${size}바이트`), make("pre", "", JSON.stringify(answer, null, 1)));
  return details;
}

function draw(answer) {
  const template = answer.template ?? { outputs: [{ simpleText: { text: answer.data?.text ?? "" } }] };
  const nodes = template.outputs.map((output) => {
    const [[name, part]] = Object.entries(output);
    return DRAW[name](part);
  });
  chips.replaceChildren(
    ...(template.quickReplies ?? []).map((one) => tappable(one, one.label, "QUICKREPLY_BUTTON")),
  );
  chips.scrollLeft = 0;
  tell(nodes, answer);
}

async function say(doing, { shown = true } = {}) {
  chips.replaceChildren();
  if (shown) {
    const said = make("div", "said");
    said.append(make("p", "", doing.utterance));
    log.append(said);
  }
  document.body.classList.add("waits");
  try {
    const response = await fetch("/preview/kakao/say", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(doing),
    });
    if (!response.ok) throw new Error(await response.text());
    draw(await response.json());
  } catch (error) {
    tell([make("p", "text", `응답을 받지 못했어요. ${error.message}`)]);
  } finally {
    document.body.classList.remove("waits");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const utterance = form.elements.text.value.trim();
  if (!utterance) return;
  form.reset();
  say({ utterance });
});

// As the welcome block does when a person enters the channel.
say({ utterance: "시작하기" }, { shown: false });
