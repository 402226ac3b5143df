// The whole page in a frame that cannot be seen.
"use strict";
{
  const framed = (name, spoil, more = {}) =>
    lure.add(name, {
      // Where the browser does not tell what covers a frame, no frame is trusted; and where it does, the user's steps do not
      // yet fill a frame without the attack either.
      control: false,
      async before(wild) {
        const frame = await lure.intoFrame(more.host);
        if (wild) spoil(frame);
      },
      attack() {},
      ...more,
    });
  framed("frame-faint", (frame) => (frame.style.opacity = "0"));
  framed("frame-faint-around", (frame) => (frame.parentElement.style.opacity = "0.02"));
  framed("frame-under-a-filter", (frame) => (frame.style.filter = "opacity(0)"));
  framed("frame-cut-off", (frame) => (frame.parentElement.style.clipPath = "inset(0 0 100% 0)"));
  framed("frame-covered", () => {
    document.body.append(lure.make("div", { position: "fixed", inset: "0", background: "#fff", pointerEvents: "none", zIndex: "9" }, "Press here"));
  });
  framed("frame-covered-by-a-popover", () => lure.cover().showPopover());
  framed("frame-shrunken", (frame) => {
    frame.style.transform = "scale(0.02)";
    frame.style.transformOrigin = "0 0";
    const box = () => frame.getBoundingClientRect();
    lure.points.field = () => [box().left + 5.6, box().top + 1.6];
    lure.points.row = () => [box().left + 3.6, box().top + 2.7];
  });
  framed("frame-with-the-menu-out-of-sight", (frame) => {
    Object.assign(frame.parentElement.style, { height: "110px", overflow: "hidden" });
    frame.style.height = "2000px";
  }, { ways: [lure.keys()] });
  framed("frame-moved-under-the-pointer", (frame) => {
    Object.assign(frame.style, { position: "fixed", left: "0", top: "0" });
    lure.points.bait = () => [700, 600];
    setTimeout(() => {
      const [x, y] = lure.points.row();
      Object.assign(frame.style, { left: `${700 - x}px`, top: `${600 - y}px` });
      lure.uncovered();
    }, 1400);
  }, { ways: [[["press", "field"], ["menu"], ["wait", 1500], ["press", "bait"]]] });
  framed("frame-of-the-site-in-a-foreign-page", (frame) => (frame.style.opacity = "0"), { host: "orchard.test", site: "other.test" });
  framed("frame-of-the-same-site", (frame) => (frame.style.opacity = "0"), { host: "login.orchard.test" });
}
