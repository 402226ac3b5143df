// Pages that bend what scripts lean on, that are huge or never at rest, or whose forms lie. `?page=NAME` chooses one.
// `hostile.strays()` tells where values came that they must not come to; `hostile.expects` what a fill must do.
"use strict";

var hostile = (() => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const field = (name) => document.querySelector(`#${name}`);
  const throws = () => {
    throw new Error("hostile");
  };
  const strays = [];
  const stray = (properties, styles = {}) => {
    const input = make("input", properties);
    input.dataset.stray = "";
    Object.assign(input.style, styles);
    return input;
  };
  /** Everything that can be redefined answers with something else. */
  const bend = (prototype, names, answer) => {
    for (const name of names) {
      const found = Object.getOwnPropertyDescriptor(prototype, name);
      if (!found?.configurable) continue;
      Object.defineProperty(prototype, name, found.get ? { ...found, get: answer } : { ...found, value: answer });
    }
  };

  const pages = {
    // Expected: both fields hold their values.
    "prototypes-polluted": {
      now() {
        for (const [name, value] of [["ticket", 7], ["choice", "popup"], ["seen", true], ["field", 0], ["role", "username"], ["value", "x"], ["get", throws], ["toJSON", () => ({ polluted: true })], ["then", throws]]) {
          Object.defineProperty(Object.prototype, name, { get: () => value, set() {}, configurable: true });
        }
        Array.prototype.filter = Array.prototype.map = Array.prototype.find = () => [];
        Map.prototype.get = WeakMap.prototype.get = () => undefined;
        JSON.stringify = () => "{}";
        JSON.parse = () => ({});
        Promise.prototype.then = function () {
          return this;
        };
      },
    },
    "getters-redefined": {
      now() {
        bend(Document.prototype, ["activeElement", "visibilityState", "documentElement", "body", "forms"], () => null);
        bend(HTMLInputElement.prototype, ["type", "name", "form", "disabled", "readOnly", "maxLength"], () => "hidden");
        bend(Element.prototype, ["matches", "closest", "getBoundingClientRect", "checkVisibility", "getAttribute", "localName", "shadowRoot"], throws);
        bend(Node.prototype, ["isConnected", "parentElement", "getRootNode", "ownerDocument"], throws);
        bend(Event.prototype, ["isTrusted", "composedPath", "target"], throws);
      },
    },
    "value-redefined": {
      now() {
        const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
        hostile.read = (element) => get.call(element);
        Object.defineProperty(HTMLInputElement.prototype, "value", { get: () => "", set: () => set.call(field("username"), "taken"), configurable: true });
      },
    },
    "ten-thousand-inputs": {
      // So much is no login form for us.
      either: true,
      then() {
        const many = make("div");
        for (let at = 0; at < 10_000; at += 1) many.append(stray({ type: at % 3 ? "text" : "checkbox", name: `n${at}` }));
        document.body.append(many);
      },
    },
    "ten-thousand-inputs-before": {
      either: true,
      then() {
        const many = make("div");
        for (let at = 0; at < 10_000; at += 1) many.append(stray({ type: "text", name: `n${at}` }));
        document.body.prepend(many);
      },
    },
    "labels-of-a-megabyte": {
      then() {
        const long = "password login e-mail ".repeat(50_000);
        for (const label of document.querySelectorAll("label")) label.append(long);
        field("username").placeholder = long;
        field("password").title = long;
        field("login").setAttribute("class", long);
        field("login").setAttribute("action", `/login?${long}`);
        document.title = long;
      },
    },
    "deep-tree": {
      then() {
        let at = document.body;
        for (let level = 0; level < 400; level += 1) at = at.appendChild(make("div"));
        at.append(field("login"));
      },
    },
    "shadow-roots-in-thousands": {
      then() {
        for (let at = 0; at < 3000; at += 1) {
          const box = make("div");
          box.attachShadow({ mode: at % 2 ? "open" : "closed" }).append(make("span", {}, "text"));
          document.body.append(box);
        }
      },
    },
    "mutation-storm": {
      then() {
        const box = document.body.appendChild(make("div"));
        const storm = () => {
          for (let at = 0; at < 200; at += 1) box.append(make("input", { type: "hidden" }));
          while (box.firstChild) box.firstChild.remove();
          field("login").dataset.turn = String(performance.now());
        };
        setInterval(storm, 4);
      },
    },
    "storm-of-login-forms": {
      then() {
        const box = document.body.appendChild(make("div", { hidden: true }));
        setInterval(() => {
          box.replaceChildren();
          for (let at = 0; at < 30; at += 1) box.append(make("form", {}, make("input", { type: "password" })));
        }, 10);
      },
    },
    "storm-of-messages": {
      now() {
        const frames = [
          { versions: [1] }, { version: 1 }, { event: { type: "collect", payload: { ticket: 1 } } },
          { event: { type: "fill", payload: { ticket: 1, steps: [{ field: 0, role: "username", value: "x" }] } } },
          { v: 1, id: 1, body: { type: "choose", payload: { ticket: 1, choice: { type: "item", payload: "x" }, seen: true } } },
          "form", "act",
        ];
        let count = 0;
        const storm = setInterval(() => {
          for (const frame of frames) {
            postMessage(frame, "*");
            postMessage(JSON.stringify(frame), "*");
            for (const name of ["message", "pearvault", "content"]) document.dispatchEvent(new CustomEvent(name, { detail: frame }));
            window.chrome?.runtime?.sendMessage?.("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", frame, () => void window.chrome.runtime.lastError);
          }
          if ((count += 1) > 500) clearInterval(storm);
        }, 4);
      },
    },
    // Forms that lie: what is not seen, or says that it is no password, gets nothing.
    "hidden-twins": {
      then() {
        const form = field("login");
        for (const styles of [{ opacity: "0" }, { position: "absolute", left: "-5000px" }, { display: "none" }, { width: "1px", height: "1px", padding: "0", border: "0" }, { clipPath: "inset(100%)" }, { visibility: "hidden" }]) {
          form.prepend(stray({ type: "password", autocomplete: "current-password", name: "password" }, styles));
          form.prepend(stray({ type: "text", autocomplete: "username", name: "username" }, styles));
        }
      },
    },
    "password-becomes-text": {
      // As soon as the password field is asked for, it shows what is in it: it gets none then.
      refused: "password",
      then: () => field("password").addEventListener("focus", ({ target }) => (target.type = "text")),
    },
    "password-becomes-text-at-once": {
      refused: "password",
      then: () => field("username").addEventListener("input", () => (field("password").type = "text")),
    },
    "password-moves-to-another-form": {
      either: true,
      then() {
        field("username").addEventListener("input", () => document.body.append(make("form", { action: "https://other.test/" }, field("password"))));
      },
    },
    "field-replaced-by-a-stray": {
      either: true,
      then() {
        field("username").addEventListener("focus", () => {
          const twin = stray({ type: "text", name: "search", id: "other" });
          field("password").replaceWith(twin);
        });
      },
    },
    "listeners-that-throw": {
      then() {
        for (const name of ["focus", "focusin", "keydown", "beforeinput", "input", "keyup", "change"]) addEventListener(name, throws, true);
      },
    },
  };

  const chosen = () => pages[new URLSearchParams(location.search).get("page")];
  return {
    pages,
    read: (element) => element.value,
    ready: false,
    begin() {
      chosen()?.then?.();
      hostile.ready = true;
    },
    start: () => chosen()?.now?.(),
    expects: () => ({ refused: chosen().refused ?? "", either: !!chosen().either }),
    values: () => ["username", "password"].map((name) => (document.querySelector(`#${name}`) ? hostile.read(document.querySelector(`#${name}`)) : "")),
    strays() {
      for (const input of document.querySelectorAll("[data-stray]")) if (hostile.read(input) && input.type !== "checkbox") strays.push(input.name || input.type);
      return strays;
    },
  };
})();
hostile.start();
