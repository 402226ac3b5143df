// The menu made faint, small, cut off or another picture than it is, by styles of itself or around it.
"use strict";
{
  const styled = (name, css, more = {}) => lure.add(name, { attack: () => lure.css(css), ...more });
  /** The menu's own styles hold against the page's. */
  const repelled = { repelled: true };
  const set = (name, property, value) =>
    lure.add(name, { attack: (menu) => menu.style.setProperty(property, value, "important") });

  set("opacity-by-style", "opacity", "0");
  set("size-by-style", "scale", "0.01");
  set("clip-by-style", "clip-path", "inset(100%)");
  set("display-by-style", "display", "none");
  set("zoom-by-style", "zoom", "0.05");
  lure.add("opacity-by-class", {
    attack(menu) {
      lure.css(".faint { opacity: 0 !important; animation: none !important }");
      menu.className = "faint";
    },
  });
  styled("opacity-by-style-sheet", "div[popover], div[popover] * { opacity: 0 !important; visibility: hidden !important }", repelled);
  styled("opacity-by-layer", "@layer first { div[popover]:not([data-own]) { opacity: 0 !important; filter: opacity(0) !important } }", repelled);
  styled("opacity-around", "html { opacity: 0 }");
  styled("opacity-almost", "html { opacity: 0.03 }");
  styled("filter-around", "html { filter: opacity(0) }");
  styled("blur-around", "html { filter: blur(60px) }");
  styled("clip-around", "html { clip-path: circle(0) }");
  styled("mask-around", "html { mask-image: linear-gradient(transparent, transparent) }");
  styled("blend-around", "html { mix-blend-mode: difference }");
  styled("shrunken-around", "html { transform: scale(0.02) }");
  styled("turned-around", "html { rotate: x 90deg }");
  styled("zoom-around", "html { zoom: 0.05 }");
  styled("skipped-around", "html { content-visibility: hidden }");
  styled("hidden-around", "html, body { visibility: hidden }");
  lure.add("opacity-by-animation", {
    ...repelled,
    attack(menu) {
      menu.animate([{ opacity: 0, transform: "scale(0)" }, { opacity: 0, transform: "scale(0)" }], { duration: 1e6, fill: "forwards" });
    },
  });
  lure.add("opacity-around-by-animation", {
    attack: () => void document.documentElement.animate([{ opacity: 0 }, { opacity: 0 }], { duration: 1e6, fill: "forwards" }),
  });
  styled("opacity-by-transition", `div[popover]:not([data-own]) { transition: opacity 100s -50s !important; opacity: 0 !important }
    @starting-style { div[popover]:not([data-own]) { opacity: 0 !important } }`, repelled);
  styled("covered-by-its-own-pseudo-element", `div[popover]:not([data-own])::after { content: "Press here"; position: fixed; inset: 0;
    background: #fff; pointer-events: none; z-index: 2147483647; display: block }`, repelled);
  styled("covered-by-a-pseudo-element-before", `div[popover]:not([data-own])::before { content: ""; position: absolute; inset: -400px;
    background: #fff; pointer-events: none; z-index: 1; display: block }`, repelled);
  lure.add("moved-into-a-faint-box", {
    attack(menu) {
      const box = lure.make("div", { opacity: "0" });
      document.body.append(box);
      box.append(menu);
      menu.showPopover();
    },
  });
  lure.add("moved-into-a-shadow-root", {
    attack(menu) {
      const box = lure.make("div");
      const root = box.attachShadow({ mode: "closed" });
      root.innerHTML = "<style>div { opacity: 0 !important }</style><div></div>";
      document.body.append(box);
      if (document.body.moveBefore) root.lastChild.moveBefore(menu, null);
      else root.lastChild.append(menu);
      if (!menu.matches(":popover-open")) menu.showPopover();
    },
  });
  lure.add("no-popover-any-more", {
    ...repelled,
    attack(menu) {
      menu.hidePopover();
      document.body.append(lure.make("div", { position: "fixed", inset: "0", background: "#fff", pointerEvents: "none", zIndex: "2147483647" }));
    },
  });
  lure.add("inert", { attack: () => (document.documentElement.inert = true) });
}
