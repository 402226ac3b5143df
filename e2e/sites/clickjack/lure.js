// A page that wants a login without its user's wish, in many variants, or an ordinary page. The story knows nothing of
// them: it asks `lure.steps()` what the user is lured to do, does it, and looks at `lure.leaked`.
//
// Steps: `["press", name]` presses the point `lure.points[name]()`; `["menu"]` waits for the menu; `["wait", ms]`;
// `["moment"]` waits for `lure.moment`; `["keys", …names]` presses keys; `["hold", key, count]` holds one down while it repeats; `["twice", name]`.
"use strict";

var lure = (() => {
  const variants = {};
  const asked = new URLSearchParams(location.search);
  /** Where the form is: this document, or that of a frame. */
  let home = document;
  let frame = null;

  const lure = {
    variants,
    /** What pages read that they should not. */
    leaked: [],
    /** The menu's element, when it is there. */
    menu: null,
    /** Whether the attack was made, and what went wrong with it. */
    armed: false,
    problem: "",
    ready: false,
    /** When the menu came in sight for good, and whether the press was later than the variant is about. */
    bare: -Infinity,
    late: false,
    moment: false,

    /**
     * One variant. `before` makes the page ready, `attack` is called with the menu's element when it comes. `ways` are the
     * orders of steps that are played in turn. `ordinary` pages must fill; so must a variant with `tame` in the address,
     * which is the same page without the attack, unless `control` is false or another browser. Where the attack has no hold on the menu, it is
     * `repelled`: in all browsers (`true`) or in the one that is named. There the menu must be in the picture, and may fill.
     */
    add(name, variant) {
      variants[name] = { ways: [lure.pointer(), lure.keys()], control: true, ordinary: false, ...variant };
    },
    pointer: (wait = 1000) => [["press", "field"], ["menu"], ["wait", wait], ["press", "row"]],
    keys: (wait = 1000) => [["press", "field"], ["menu"], ["wait", wait], ["keys", "Down", "Enter"]],

    get variant() {
      return variants[asked.get("variant")];
    },
    steps() {
      const { ways } = lure.variant;
      return ways[Number(asked.get("run") ?? 0) % ways.length];
    },

    points: {
      field: () => middle(lure.field()),
      row() {
        const box = lure.field().getBoundingClientRect();
        const { left, top } = offset();
        const zoom = document.documentElement.currentCSSZoom ?? 1;
        return [left + box.left + 60 * zoom, top + box.bottom + 34 * zoom];
      },
    },
    field: () => home.querySelector("#username") ?? document.querySelector("orchard-form").root.querySelector("#username"),

    async begin() {
      const { variant } = lure;
      if (!variant) return;
      watch(document);
      if (document.readyState !== "complete") await new Promise((loaded) => addEventListener("load", loaded));
      try {
        if (variant.before) await variant.before(!asked.has("tame"));
      } catch (error) {
        lure.problem = String(error);
      }
      lure.ready = true;
    },
    /** Pixels in a picture of the window that have the colour of our pear, where the menu is. */
    async pears(png) {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const pen = canvas.getContext("2d");
      pen.drawImage(picture, 0, 0);
      const [x, y] = lure.points.row();
      const { data } = pen.getImageData(Math.max(0, x - 70), Math.max(0, y - 40), 120, 80);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (Math.abs(data[at] - 0x8f) + Math.abs(data[at + 1] - 0xba) + Math.abs(data[at + 2] - 0x2e) < 30) count += 1;
      }
      return count;
    },

    /** Puts the form into a frame; of another host with `host`. */
    async intoFrame(host) {
      document.querySelector("#main").replaceChildren();
      frame = document.createElement("iframe");
      frame.className = "login";
      const base = new URL("frame/", location.href);
      if (host) base.hostname = host;
      frame.src = base.href;
      document.querySelector("#main").append(frame);
      await new Promise((loaded) => (frame.onload = loaded));
      if (host) {
        // Its document is out of reach: the place of its field is known by its style.
        lure.field = () => ({ getBoundingClientRect: () => ({ left: 120, right: 440, top: 64, bottom: 100, width: 320, height: 36 }) });
        addEventListener("message", ({ data }) => (data === "menu" ? found(frame) : lure.leaked.push(data)));
      } else {
        home = frame.contentDocument;
        watch(home);
      }
      return frame;
    },
    tellParent() {
      watch(document);
      lure.leaked.push = (value) => parent.postMessage(value, "*");
      lure.found = () => parent.postMessage("menu", "*");
    },

    css(text, where = document) {
      const style = where.createElement("style");
      style.textContent = text;
      where.head.append(style);
      return style;
    },
    make(tag, styles = {}, ...children) {
      const element = document.createElement(tag);
      element.dataset.own = "";
      Object.assign(element.style, styles);
      element.append(...children);
      return element;
    },
    /** A box of the top layer over everything, through which the pointer goes. */
    cover(styles = {}, within = document.body) {
      const cover = lure.make("div", {
        position: "fixed", inset: "0", width: "100vw", height: "100vh", margin: "0", padding: "0", border: "0", background: "#fff",
        pointerEvents: "none", font: "40px sans-serif", ...styles,
      }, "Press here, win a pear");
      cover.popover = "manual";
      within.append(cover);
      return cover;
    },
    tiny(styles = {}) {
      return lure.cover({ inset: "auto", right: "0", bottom: "0", width: "1px", height: "1px", overflow: "visible", fontSize: "1px", ...styles });
    },
    /** What the field holds by now. */
    /** From now on the menu is in sight: presses that come later than a person's hand count for nothing. */
    uncovered() {
      lure.bare = performance.now();
      lure.moment = true;
      const note = () => (lure.late = performance.now() - lure.bare > 450);
      // In a frame, too: what is pressed there, this window does not hear.
      for (const view of new Set([window, home.defaultView])) {
        for (const name of ["pointerdown", "keydown"]) view.addEventListener(name, note, true);
      }
    },
    look() {
      for (const input of home.querySelectorAll("input")) if (input.value) lure.leaked.push(input.id);
      return lure.leaked.length;
    },
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
  };

  const offset = () => (frame ? frame.getBoundingClientRect() : { left: 0, top: 0 });
  const middle = (element) => {
    const box = element.getBoundingClientRect();
    const { left, top } = offset();
    return [left + box.left + box.width / 2, top + box.top + box.height / 2];
  };

  const found = (menu) => {
    if (lure.menu) return;
    lure.menu = menu;
    if (lure.found) return lure.found();
    const { variant } = lure;
    if (variant?.quick) lure.uncovered();
    if (asked.has("tame") || !variant?.attack) return;
    lure.armed = true;
    Promise.resolve()
      .then(() => variant.attack(menu))
      .catch((error) => (lure.problem = String(error)));
  };

  /** Waits for what is not the page's own, and hears what is put into fields. */
  const watch = (where) => {
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) if (node.localName === "div" && node.popover === "manual" && !("own" in node.dataset)) found(node);
      }
    }).observe(where, { childList: true, subtree: true });
    where.addEventListener("input", ({ target }) => target.value && lure.leaked.push(target.id), true);
  };
  return lure;
})();
