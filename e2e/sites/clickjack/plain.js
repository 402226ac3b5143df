// Ordinary pages: here a menu that was in sight fills.
"use strict";
{
  const ordinary = (name, before) => lure.add(name, { ordinary: true, before });
  const main = () => document.querySelector("#main");

  ordinary("ordinary-page");
  ordinary("modal-dialog", () => {
    const dialog = lure.make("dialog", { border: "1px solid", boxShadow: "0 8px 40px rgb(0 0 0 / 30%)" }, main());
    document.body.append(dialog);
    dialog.showModal();
  });
  ordinary("modal-dialog-animated", () => {
    lure.css(`@keyframes grow { from { transform: scale(.8); opacity: 0 } } dialog { animation: grow 400ms; transition: all 200ms }
      dialog::backdrop { background: rgb(0 0 0 / 50%); backdrop-filter: blur(4px) }`);
    const dialog = lure.make("dialog", {}, main());
    document.body.append(dialog);
    dialog.showModal();
  });
  ordinary("modal-dialog-moved", () => {
    const dialog = lure.make("dialog", { left: "50%", top: "50%", margin: "0", transform: "translate(-50%, -70%)" }, main());
    document.body.append(dialog);
    dialog.showModal();
  });
  ordinary("popover-login", () => {
    const popover = lure.make("div", { inset: "20px auto auto 20px", width: "600px", height: "400px" }, main());
    popover.popover = "auto";
    document.body.append(popover);
    popover.showPopover();
  });
  ordinary("sticky-header", () => {
    const style = { position: "sticky", top: "0", height: "48px", background: "#eee", zIndex: "2147483647", backdropFilter: "blur(8px)" };
    document.body.prepend(lure.make("header", style, "Orchard Mail"));
  });
  ordinary("toast-elsewhere", () => {
    const toast = lure.make("div", { inset: "auto 16px 16px auto", boxShadow: "0 4px 16px rgb(0 0 0 / 30%)" }, "Draft saved");
    toast.popover = "manual";
    document.body.append(toast);
    toast.showPopover();
  });
  lure.add("toast-that-comes", {
    ordinary: true,
    attack() {
      const toast = lure.make("div", { inset: "auto 16px 16px auto", boxShadow: "0 4px 16px rgb(0 0 0 / 30%)" }, "Draft saved");
      toast.popover = "manual";
      document.body.append(toast);
      toast.showPopover();
    },
  });
  ordinary("scrolled", () => {
    main().style.margin = "3000px 0 3000px 120px";
    scrollTo({ top: 2900, behavior: "instant" });
  });
  ordinary("dark", () => lure.css("html { color-scheme: dark; background: #111 } body { background: #111; color: #eee }"));
  ordinary("right-to-left", () => (document.documentElement.dir = "rtl"));
  ordinary("zoomed", () => (document.documentElement.style.zoom = "1.25"));
  ordinary("shrunken", () => (document.documentElement.style.zoom = "0.8"));
  ordinary("busy-animation", () => {
    const ball = lure.make("div", { position: "fixed", right: "0", top: "0", width: "40px", height: "40px", background: "red" });
    document.body.append(ball);
    const turn = (now) => {
      ball.style.transform = `translateY(${200 + 200 * Math.sin(now / 300)}px)`;
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  });
  ordinary("covered-by-later-content", () => {
    // Ordinary boxes stand under the top layer, whatever their order.
    document.body.append(lure.make("div", { position: "fixed", inset: "0", zIndex: "2147483647", pointerEvents: "none" }));
  });
  ordinary("open-shadow-root", () => {
    customElements.define("orchard-form", class extends HTMLElement {
      constructor() {
        super();
        this.root = this.attachShadow({ mode: "open" });
      }
    });
    const host = document.createElement("orchard-form");
    document.body.append(host);
    host.root.append(main());
    host.root.addEventListener("input", ({ target }) => target.value && lure.leaked.push(target.id), true);
  });
  ordinary("after-a-view-transition", async () => {
    await document.startViewTransition?.(() => (main().style.background = "#f4f4f4")).finished;
  });
  ordinary("loading-slowly", () => {
    let left = 20;
    const timer = setInterval(() => {
      document.body.append(lure.make("p", {}, "More of the page"));
      if (!(left -= 1)) clearInterval(timer);
    }, 100);
  });
}
