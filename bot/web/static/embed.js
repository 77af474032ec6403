/**
 * 뽀야미 in a shop's page: <script src="https://HOST/embed.js" async></script>
 *
 * A round button bottom right that opens the page in a frame. It leaves no global behind, and its
 * looks stand in a shadow tree, neither touched by the shop's styles nor touching them. Under a
 * strict CSP the shop needs this host in script-src and frame-src: nothing here is inline, and a
 * constructed style sheet is no inline style.
 */
(() => {
  const MARK = "data-ppoyami";
  const { origin } = new URL(document.currentScript.src);
  const SVG = "http://www.w3.org/2000/svg";
  /** The fairy's head of fairy.svg, as tag and attributes. */
  const FAIRY = [
    ["circle", { cx: 32, cy: 32, r: 32, fill: "#fbdccd" }],
    ["path", { d: "M20 35C13 21 3 22 5 32c1.6 8 9 10 16 7z", fill: "#bfe3d3" }],
    ["path", { d: "M21 41c-8-1-13 4-9 9 3 4 8 2 11-4z", fill: "#93cdb5" }],
    ["path", { d: "M44 35c7-14 17-13 15-3-1.6 8-9 10-16 7z", fill: "#bfe3d3" }],
    ["path", { d: "M43 41c8-1 13 4 9 9-3 4-8 2-11-4z", fill: "#93cdb5" }],
    [
      "path",
      {
        d: "M33 8c-1 10-15 16-15 30a14.5 14.5 0 0 0 29 0c0-11-8-15-10-21-1.2-3.5 1-6 2-6-2-3-5-4-6-3z",
        fill: "#fffdfa",
      },
    ],
    ["ellipse", { cx: 24.5, cy: 41, rx: 2.9, ry: 1.9, fill: "#f6a992" }],
    ["ellipse", { cx: 40.5, cy: 41, rx: 2.9, ry: 1.9, fill: "#f6a992" }],
    ["circle", { cx: 27.5, cy: 36.5, r: 2.1, fill: "#2f3a35" }],
    ["circle", { cx: 37.5, cy: 36.5, r: 2.1, fill: "#2f3a35" }],
    [
      "path",
      {
        d: "M29.5 41.2c1.6 2.4 4.4 2.4 6 0",
        fill: "none",
        stroke: "#2f3a35",
        "stroke-width": 1.6,
        "stroke-linecap": "round",
      },
    ],
  ];
  const LOOKS = `
    :host { all: initial; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button { padding: 0; border: 0; cursor: pointer; touch-action: manipulation; }
    button:focus-visible { outline: 3px solid #26604f; outline-offset: 3px; }
    .fairy {
      position: fixed; z-index: 2147483000;
      right: calc(20px + env(safe-area-inset-right));
      bottom: calc(20px + env(safe-area-inset-bottom));
      width: 60px; height: 60px; border-radius: 50%; background: #fbdccd;
      box-shadow: 0 4px 18px rgb(74 52 32 / 28%);
    }
    .fairy svg { display: block; width: 100%; height: 100%; }
    .panel {
      position: fixed; z-index: 2147483001; display: flex; flex-direction: column;
      right: calc(20px + env(safe-area-inset-right));
      bottom: calc(92px + env(safe-area-inset-bottom));
      width: min(400px, 100vw - 40px); height: min(680px, 100vh - 112px);
      overflow: hidden; border-radius: 20px; background: #fdf8f2;
      box-shadow: 0 18px 50px rgb(74 52 32 / 30%);
    }
    .close {
      align-self: end; flex: none; width: 44px; height: 44px; margin: 0 4px;
      border-radius: 50%; background: none; color: #26604f; font: 400 26px/44px sans-serif;
    }
    .close:focus-visible { outline-offset: -5px; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; }
    @media (prefers-color-scheme: dark) {
      .panel { background: #1a1f1c; }
      .close { color: #98d6be; }
      button:focus-visible { outline-color: #98d6be; }
    }
    @media (max-width: 480px) {
      .panel {
        inset: 0; width: 100%; height: 100%; border-radius: 0;
        padding: env(safe-area-inset-top) 0 0;
      }
    }
  `;

  function element(tag, properties, attributes = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function fairy() {
    const drawn = [["svg", { viewBox: "0 0 64 64", "aria-hidden": "true" }], ...FAIRY].map(
      ([tag, attributes]) => {
        const shape = document.createElementNS(SVG, tag);
        for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
        return shape;
      },
    );
    const [whole, ...shapes] = drawn;
    whole.append(...shapes);
    return whole;
  }

  function dress(root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOKS);
    root.adoptedStyleSheets = [sheet];
  }

  function draw() {
    if (document.querySelector(`[${MARK}]`)) return;
    const host = element("div", {}, { [MARK]: "" });
    const root = host.attachShadow({ mode: "open" });
    dress(root);
    const opener = element(
      "button",
      { type: "button", className: "fairy" },
      { "aria-label": "뽀야미와 상담하기", "aria-haspopup": "dialog", "aria-expanded": "false" },
      fairy(),
    );
    const closer = element(
      "button",
      { type: "button", className: "close", textContent: "×" },
      { "aria-label": "상담 닫기" },
    );
    const panel = element(
      "div",
      { className: "panel", hidden: true },
      { role: "dialog", "aria-label": "뽀야미 상담" },
      closer,
    );
    let frame = null;

    function open() {
      // Made at the first opening: who never asks loads nothing.
      frame ??= element("iframe", { src: `${origin}/`, title: "뽀야미 상담" });
      if (!frame.isConnected) panel.append(frame);
      panel.hidden = false;
      opener.setAttribute("aria-expanded", "true");
      frame.focus();
    }

    function close() {
      if (panel.hidden) return;
      panel.hidden = true;
      opener.setAttribute("aria-expanded", "false");
      opener.focus();
    }

    opener.addEventListener("click", () => (panel.hidden ? open() : close()));
    closer.addEventListener("click", close);
    document.addEventListener("keydown", ({ key }) => key === "Escape" && close());
    // Keys pressed inside the frame stay there; the page passes this one on.
    window.addEventListener("message", ({ origin: from, source, data }) => {
      if (from === origin && source === frame?.contentWindow && data === "ppoyami:close") close();
    });
    root.append(panel, opener);
    document.body.append(host);
  }

  if (document.body) draw();
  else document.addEventListener("DOMContentLoaded", draw, { once: true });
})();
