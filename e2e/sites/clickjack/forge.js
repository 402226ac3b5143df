// Events, prototypes and focus that are not what they seem.
"use strict";
{
  const POINTER = ["pointerover", "pointermove", "pointerdown", "mousedown", "pointerup", "mouseup", "click"];
  const press = (target) => {
    const [clientX, clientY] = lure.points.row();
    for (const name of POINTER) {
      const Kind = name.startsWith("pointer") ? PointerEvent : MouseEvent;
      target.dispatchEvent(new Kind(name, { bubbles: true, composed: true, cancelable: true, clientX, clientY, button: 0, isPrimary: true }));
    }
    target.click?.();
  };
  const strike = (target) => {
    for (const key of ["ArrowDown", "Enter"]) {
      target.dispatchEvent(new KeyboardEvent("keydown", { key, code: key, bubbles: true, composed: true, cancelable: true }));
    }
  };
  const idle = { ways: [[["press", "field"], ["menu"], ["wait", 1200]]], control: false };
  const later = (act) => (menu) => setTimeout(act, 900, menu);

  lure.add("forged-presses", {
    ...idle,
    attack: later((menu) => {
      const [x, y] = lure.points.row();
      for (const target of [menu, document.elementFromPoint(x, y), document.body, window]) press(target);
    }),
  });
  lure.add("forged-keys", {
    ...idle,
    attack: later((menu) => {
      for (const target of [lure.field(), menu, document, window]) strike(target);
    }),
  });
  lure.add("trust-redefined", {
    ...idle,
    before() {
      for (const prototype of [Event.prototype, UIEvent.prototype, MouseEvent.prototype, KeyboardEvent.prototype, PointerEvent.prototype]) {
        try {
          Object.defineProperty(prototype, "isTrusted", { get: () => true, configurable: true });
        } catch {}
      }
    },
    attack: later((menu) => {
      press(menu);
      strike(lure.field());
    }),
  });
  lure.add("shadow-roots-caught", {
    ...idle,
    before() {
      const { attachShadow, append } = Element.prototype;
      Element.prototype.attachShadow = function (init) {
        lure.root = attachShadow.call(this, { ...init, mode: "open" });
        return lure.root;
      };
      Element.prototype.append = function (...nodes) {
        lure.appended = nodes;
        return append.apply(this, nodes);
      };
    },
    attack: later((menu) => {
      const root = menu.shadowRoot ?? lure.root;
      for (const row of root?.querySelectorAll("[role=option]") ?? []) press(row);
      if (root) lure.leaked.push("the menu's root");
    }),
  });
  lure.add("pointer-captured", {
    control: false,
    before: () => (lure.points.bait = () => [800, 500]),
    attack: (menu) => addEventListener("pointerdown", (event) => menu.setPointerCapture(event.pointerId), true),
    ways: [[["press", "field"], ["menu"], ["wait", 1000], ["press", "bait"]]],
  });
  lure.add("events-told-on", {
    control: false,
    before: () => (lure.points.bait = () => [800, 500]),
    attack: (menu) => {
      for (const name of POINTER) addEventListener(name, (event) => event.isTrusted && menu.dispatchEvent(event.constructor === Event ? event : new event.constructor(name, event)), true);
    },
    ways: [[["press", "field"], ["menu"], ["wait", 1000], ["press", "bait"]]],
  });
  lure.add("focus-elsewhere", {
    control: false,
    attack: () => setTimeout(() => {
      const other = document.body.appendChild(lure.make("button", {}, "Play"));
      other.focus();
    }, 800),
    ways: [lure.keys()],
  });
  lure.add("clock-redefined", {
    control: false,
    before() {
      performance.now = () => Date.now() * 1e6;
      Performance.prototype.now = performance.now;
      window.IntersectionObserver = class { observe() {} disconnect() {} };
      window.requestAnimationFrame = (run) => setTimeout(run, 0, 1e12);
    },
    quick: true,
    ways: [lure.pointer(100), lure.keys(100)],
  });
}
