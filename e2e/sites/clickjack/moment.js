// All is well at the moment of the press, and was not a moment before.
"use strict";
{
  const clear = (cover) => cover.matches(":popover-open") && cover.hidePopover();
  const AT_ONCE = [[["press", "field"], ["menu"], ["moment"], ["press", "row"]], [["press", "field"], ["menu"], ["moment"], ["keys", "Down", "Enter"]]];
  lure.add("uncovered-just-before", {
    control: false,
    attack() {
      const cover = lure.cover();
      cover.showPopover();
      setTimeout(() => {
        clear(cover);
        lure.uncovered();
      }, 900);
    },
    ways: AT_ONCE,
  });
  const uncoverAt = (events) => () => {
    const cover = lure.cover();
    cover.showPopover();
    for (const event of events) addEventListener(event, () => clear(cover), { capture: true, once: true });
  };
  lure.add("uncovered-at-the-press", { attack: uncoverAt(["pointerdown", "keydown"]) });
  lure.add("uncovered-when-the-pointer-comes", { attack: uncoverAt(["pointermove", "pointerover", "keydown"]) });
  lure.add("shown-again-at-the-press", {
    attack() {
      document.documentElement.style.opacity = "0";
      for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (document.documentElement.style.opacity = ""), true);
    },
  });
  lure.add("seen-once-then-covered", {
    attack() {
      const cover = lure.cover();
      setTimeout(() => cover.showPopover(), 700);
      for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => clear(cover), { capture: true, once: true });
    },
  });
  lure.add("cross-fade", {
    attack() {
      const cover = lure.cover();
      cover.showPopover();
      cover.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 900, fill: "forwards" });
    },
  });

  // What is painted and what scripts see need not be the same: changed right before each picture, changed back after it.
  const painted = (change, back) => () => {
    const size = lure.make("div", { position: "absolute", width: "1px", left: "-9px" });
    document.body.append(size);
    const channel = new MessageChannel();
    let wide = false;
    let on = false;
    channel.port1.onmessage = () => {
      if (on) back();
      on = false;
    };
    // Later than every callback of the frame.
    new ResizeObserver(() => {
      if (!on) change();
      on = true;
      channel.port2.postMessage(0);
    }).observe(size);
    const turn = () => {
      wide = !wide;
      size.style.width = wide ? "2px" : "1px";
      requestAnimationFrame(turn);
    };
    turn();
  };
  lure.add("covered-in-pictures-only", {
    attack() {
      const cover = lure.cover();
      painted(() => cover.showPopover(), () => clear(cover))();
    },
  });
  lure.add("hidden-in-pictures-only", {
    // What the page can hide shows nothing.
    repelled: true,
    attack(menu) {
      menu.showPopover();
      painted(() => menu.hidePopover(), () => menu.showPopover())();
    },
  });
  lure.add("faint-in-pictures-only", {
    attack() {
      const sheet = lure.css("html { opacity: 0 } div[popover]:not([data-own])::after { content: ''; position: fixed; inset: 0; background: #fff }").sheet;
      sheet.disabled = true;
      painted(() => (sheet.disabled = false), () => (sheet.disabled = true))();
    },
  });
  lure.add("page-that-lets-nothing-run", {
    attack() {
      const cover = lure.cover();
      const block = () => {
        cover.showPopover();
        requestAnimationFrame(() => setTimeout(() => {
          const until = performance.now() + 200;
          while (performance.now() < until);
          clear(cover);
          setTimeout(block, 5);
        }));
      };
      block();
    },
  });

  const quick = (ways) => ({ control: false, quick: true, ways });
  lure.add("pressed-twice", quick([[["press", "field"], ["press", "row"]], [["press", "field"], ["menu"], ["press", "row"]]]));
  lure.add("keys-at-once", quick([[["press", "field"], ["keys", "Down", "Enter"]], [["press", "field"], ["menu"], ["keys", "Down", "Enter"]]]));
  lure.add("pressed-before-half-a-second", quick([lure.pointer(150), lure.keys(150)]));
  lure.add("enter-held-down", { ...quick([[["press", "field"], ["menu"], ["hover", "row"], ["hold", "Enter", 40]]]), quick: false });
  lure.add("menu-opened-again", {
    control: false,
    attack: () => setTimeout(() => {
      const field = lure.field();
      field.blur();
      setTimeout(() => {
        field.focus();
        lure.uncovered();
      }, 60);
    }, 850),
    ways: AT_ONCE,
  });
}
