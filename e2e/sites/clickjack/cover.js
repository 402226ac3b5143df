// Something over the menu that lets the pointer through.
"use strict";
{
  const SHOT = "#fff";
  const covered = (name, attack, more = {}) => lure.add(name, { attack, ...more });
  const shown = (element) => (element.showPopover(), element);

  covered("popover-over-it", () => shown(lure.cover()));
  covered("popover-over-its-text", () => {
    const [x, y] = lure.points.row();
    shown(lure.cover({ inset: "auto", left: `${x - 20}px`, top: `${y - 12}px`, width: "120px", height: "24px", overflow: "hidden", fontSize: "12px" }));
  });
  covered("popover-almost-clear", () => shown(lure.cover({ opacity: "0.97" })));
  covered("popover-in-a-shadow-root", () => {
    const box = lure.make("div");
    const root = box.attachShadow({ mode: "closed" });
    document.body.append(box);
    shown(lure.cover({}, root));
  });
  covered("popover-shown-before-and-again", () => {
    lure.early.hidePopover();
    lure.early.showPopover();
  }, { before: (wild) => wild && (lure.early = shown(lure.cover())) });
  covered("popover-with-a-canvas", () => {
    const canvas = lure.make("canvas", { position: "absolute", inset: "0" });
    canvas.width = canvas.height = 2000;
    const pen = canvas.getContext("2d");
    pen.fillStyle = SHOT;
    pen.fillRect(0, 0, 2000, 2000);
    const box = lure.cover({ background: "transparent" });
    box.replaceChildren(canvas);
    shown(box);
  });
  covered("popover-with-a-frame", () => {
    const frame = lure.make("iframe", { position: "fixed", inset: "0", width: "100%", height: "100%", border: "0", pointerEvents: "none" });
    frame.srcdoc = "<body style='background:#fff'>Press here";
    const box = lure.cover({ background: "transparent" });
    box.replaceChildren(frame);
    shown(box);
  });
  covered("shadow-of-a-small-popover", () => shown(lure.tiny({ boxShadow: `0 0 0 3000px ${SHOT}` })));
  covered("outline-of-a-small-popover", () => shown(lure.tiny({ outline: `3000px solid ${SHOT}` })));
  covered("text-of-a-small-popover", () => {
    const box = lure.tiny({ fontSize: "400px", lineHeight: "400px", right: "auto", left: "2px", bottom: "auto", top: "-1px", whiteSpace: "nowrap", background: "none" });
    box.textContent = "██████████";
    shown(box);
  });
  covered("text-shadow-of-a-small-popover", () => {
    const box = lure.tiny({ fontSize: "900px", lineHeight: "900px", right: "auto", left: "-5000px", bottom: "auto", top: "-200px", whiteSpace: "nowrap", background: "none", textShadow: `4800px 0 ${SHOT}` });
    box.textContent = "████";
    shown(box);
  });
  covered("drop-shadow-of-a-popover", () =>
    shown(lure.cover({ inset: "auto", left: "-2000px", top: "0", width: "1500px", height: "900px", filter: `drop-shadow(2000px 0 0 ${SHOT})` })));
  covered("border-image-of-a-small-popover", () =>
    shown(lure.tiny({ border: "1px solid", borderImage: `linear-gradient(${SHOT}, ${SHOT}) 1 / 1px / 3000px` })));
  covered("reflection-of-a-popover", () =>
    shown(lure.cover({ inset: "auto", left: "-1500px", top: "0", width: "1500px", height: "900px", webkitBoxReflect: "right" })), { repelled: "firefox" });
  covered("pseudo-element-of-a-small-popover", () => {
    lure.css(`.far::after { content: ""; position: fixed; inset: 0; background: ${SHOT}; pointer-events: none }`);
    const box = lure.tiny();
    box.className = "far";
    shown(box);
  });
  covered("pseudo-element-deep-in-a-small-popover", () => {
    lure.css(`.far::before { content: ""; display: block; width: 3000px; height: 3000px; margin: -2500px; background: ${SHOT} }`);
    const box = lure.tiny();
    box.innerHTML = "<i><b></b></i>";
    box.querySelector("b").className = "far";
    shown(box);
  });
  covered("shadow-root-of-a-small-popover", () => {
    const box = lure.tiny();
    box.attachShadow({ mode: "closed" }).innerHTML = `<div style="position:fixed;inset:0;background:${SHOT};pointer-events:none"></div>`;
    shown(box);
  });
  covered("stroke-in-a-small-popover", () => {
    const box = lure.tiny();
    box.innerHTML = `<svg width="1" height="1" style="overflow:visible;pointer-events:none"><path d="M0 0h1" stroke="${SHOT}" stroke-width="6000"/></svg>`;
    shown(box);
  });
  covered("many-boxes-in-a-popover", () => {
    const box = lure.tiny();
    for (let i = 0; i < 2000; i += 1) box.append(lure.make("i"));
    box.append(lure.make("b", { position: "fixed", inset: "0", background: SHOT, pointerEvents: "none" }));
    shown(box);
  });
  const modal = (css) => () => {
    lure.css(`${css} dialog { pointer-events: none; border: 0; padding: 0; width: 1px; height: 1px; margin: auto 0 0 auto }`);
    const field = lure.field();
    const dialog = lure.make("dialog");
    document.body.append(dialog);
    // The focus goes back to the field where the browser lets it.
    dialog.showModal();
    field.focus();
  };
  covered("backdrop-of-a-dialog", modal(`dialog::backdrop { background: ${SHOT}; pointer-events: none }`));
  covered("backdrop-with-a-filter", modal("dialog::backdrop { background: none; backdrop-filter: blur(40px) }"));
  covered("backdrop-with-a-shadow", modal(`dialog::backdrop { inset: auto; width: 1px; height: 1px; background: none; box-shadow: 0 0 0 3000px ${SHOT} }`));
  covered("backdrop-with-an-outline-of-a-popover", () => {
    lure.css(`.far::backdrop { background: none; outline: 3000px solid ${SHOT}; inset: auto; width: 0; height: 0 }`);
    const box = lure.tiny();
    box.className = "far";
    shown(box);
  });
  covered("dialog-around-shown-again", () => {
    lure.css(`dialog::after { content: "Press here"; position: fixed; inset: 0; background: ${SHOT}; pointer-events: none }`);
    const { activeElement } = document;
    lure.around.close();
    lure.around.showModal();
    activeElement.focus();
  }, {
    before() {
      lure.around = lure.make("dialog", {}, document.querySelector("#main"));
      document.body.append(lure.around);
      lure.around.showModal();
    },
  });
  covered("popover-around-shown-again", () => {
    lure.css(`.around::after { content: "Press here"; position: fixed; inset: 0; background: ${SHOT}; pointer-events: none }`);
    const { activeElement } = document;
    lure.around.hidePopover();
    lure.around.showPopover();
    activeElement.focus();
  }, {
    before() {
      lure.around = lure.make("div", { inset: "0 auto auto 0" }, document.querySelector("#main"));
      lure.around.className = "around";
      lure.around.popover = "auto";
      document.body.append(lure.around);
      lure.around.showPopover();
    },
  });
  covered("full-screen-over-it", async () => {
    const box = lure.make("div", { background: SHOT, pointerEvents: "none" }, "Press here");
    document.body.append(box);
    await box.requestFullscreen();
    lure.field().focus();
  });
  covered("video-in-picture-in-picture", async () => {
    const canvas = lure.make("canvas");
    const pen = canvas.getContext("2d");
    // A picture now and then: no video plays without one.
    setInterval(() => pen.fillRect(0, 0, Math.random() * canvas.width, canvas.height), 50);
    const video = lure.make("video");
    video.muted = true;
    video.srcObject = canvas.captureStream();
    await video.play();
    await video.requestPictureInPicture();
  });
  const transition = (css) => ({
    before(wild) {
      if (!wild) return;
      lure.css(`::view-transition { pointer-events: none } ${css}`);
    },
  });
  covered("view-transition-over-it", async () => {
    const box = shown(lure.cover());
    await lure.sleep(50);
    document.startViewTransition(() => box.remove());
  }, transition(`::view-transition-old(root) { animation: stay 60s; opacity: 1; mix-blend-mode: normal } ::view-transition-new(root) { display: none }
      ::view-transition-group(root) { animation-duration: 60s } @keyframes stay { from { opacity: 1 } to { opacity: 1 } }`));
  covered("view-transition-of-one-box", async () => {
    const box = shown(lure.cover());
    box.style.viewTransitionName = "prize";
    await lure.sleep(50);
    document.startViewTransition(() => box.remove());
  }, transition(`:root { view-transition-name: none } ::view-transition-old(prize) { animation: stay 60s; opacity: 1 }
      ::view-transition-group(prize) { animation-duration: 60s } @keyframes stay { from { opacity: 1 } to { opacity: 1 } }`));
}
