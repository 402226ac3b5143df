// The menu, the field or the page moves.
"use strict";
{
  const soon = (act, at = 850) => () => setTimeout(act, at);

  lure.add("menu-moved-under-the-pointer", {
    control: false,
    before: () => (lure.points.bait = () => [800, 500]),
    attack: (menu) => soon(() => {
      menu.style.setProperty("left", "740px", "important");
      menu.style.setProperty("top", "470px", "important");
    })(),
    ways: [[["press", "field"], ["menu"], ["wait", 1000], ["press", "bait"]]],
  });
  lure.add("page-scrolled-under-the-pointer", {
    control: false,
    before() {
      document.body.style.height = "4000px";
      lure.points.bait = () => [180, 500];
    },
    attack: soon(() => scrollTo({ top: -0, behavior: "instant" }), 100),
    ways: [[["press", "field"], ["menu"], ["wait", 1000], ["press", "bait"]]],
  });
  lure.add("menu-drifting", {
    before: () => (document.body.style.height = "4000px"),
    attack() {
      let down = true;
      const turn = () => {
        scrollBy({ top: down ? 12 : -12, behavior: "instant" });
        down = !down;
        requestAnimationFrame(turn);
      };
      turn();
    },
    ways: [lure.keys()],
  });
  const jump = (pause) => ({
    // The user presses a button; the field is there when the press goes down, and the menu where they press again.
    control: false,
    before() {
      const main = document.querySelector("#main");
      main.style.opacity = "1";
      lure.points.bait = () => [600, 500];
      addEventListener("pointerdown", () => {
        Object.assign(main.style, { position: "fixed", margin: "0", left: "480px", top: "458px" });
        addEventListener("pointerup", () => {
          Object.assign(main.style, { top: "424px" });
        }, { once: true });
      }, { capture: true, once: true });
    },
    ways: [[["press", "bait"], ["wait", pause], ["press", "bait"]], [["twice", "bait"]], [["press", "bait"], ["wait", pause], ["keys", "Down", "Enter"]]],
  });
  lure.add("field-moved-under-the-pointer", jump(150));
  lure.add("field-moved-under-the-pointer-slowly", jump(300));
  lure.add("window-moved", {
    // Only windows that scripts opened can be moved; elsewhere this does nothing.
    control: false,
    repelled: true,
    attack() {
      setInterval(() => (moveBy(3, 0), resizeBy(1, 0)), 30);
      lure.css("html { transform: translateY(30px) }");
    },
  });
  lure.add("page-shaken", {
    // What is around it does not move it.
    repelled: true,
    attack: () => lure.css("@keyframes shake { to { transform: translate(8px, 0) } } html { animation: shake 90ms infinite alternate }"),
  });
  lure.add("field-taken-away", {
    attack() {
      const field = lure.field();
      field.style.opacity = "0";
      document.querySelector("#main").append(lure.make("input", { position: "absolute" }));
    },
  });
  lure.add("field-replaced", {
    attack() {
      const field = lure.field();
      const trap = field.cloneNode(true);
      trap.style.opacity = "0";
      field.replaceWith(trap);
      trap.focus();
    },
  });
}
