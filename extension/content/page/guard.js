// Whether a person had the chance to see what we show: hostile pages lay things over it, make it
// faint, move it under the cursor or bring it up a moment before a click. What is not certain
// counts as unseen; then nothing is released here, and the popup asks.
//
// Nothing of this runs while nothing is shown.

/** Time for which all must have been well before anything is released, milliseconds. */
const STEADY = 500;
/** Longest time between two looks that counts, milliseconds: a page that lets none happen may draw meanwhile. */
const LOOK_GAP = 100;
/** Time between two thorough looks, into all shadow roots and at all parts of what may lie over it, milliseconds. */
const DEEP_LOOK = 150;
/** Least size of what is shown, CSS pixels. */
const SHOWN_MIN = { width: 160, height: 32 };
/** Least time between two times that it is brought up above what came later, milliseconds. */
const RAISE_AGAIN = 200;
/** Part of it that must be within the window and every box around it that cuts off. */
const INSIDE_MIN = 0.98;
/** Zoom by style at which it can still be read. */
const ZOOM = { min: 0.5, max: 4 };

/** @typedef {{steady(): boolean, change(act: () => void): void, stop(): void}} Watch */

/** @param {Sheet} sheet @param {() => void} lost what to do where the page takes it away or changes it @returns {Watch} */
const watchSeen = (sheet, lost) => {
  const { host, root, surface, home } = sheet;
  let since = Infinity;
  let last = -Infinity;
  let deep = -Infinity;
  let raised = -Infinity;
  let place = "";
  let touched = false;
  let stopped = false;
  let inside = false;
  /** What the browser says of covers and transparency; Firefox says nothing. @type {boolean | undefined} */
  let told;

  const observer = new IntersectionObserver(
    (entries) => {
      const entry = entries.at(-1);
      told = entry?.isVisible;
      inside = !!entry?.isIntersecting && entry.intersectionRatio >= INSIDE_MIN;
      if (told === false || !inside) since = Infinity;
    },
    { trackVisibility: true, delay: 100, threshold: [0, 0.5, INSIDE_MIN, 1] },
  );
  observer.observe(surface);

  // Whoever else reaches in here (another extension) makes it worthless; the page reaches the host.
  const inner = new MutationObserver(() => (touched = true));
  const INNER = { childList: true, subtree: true, attributes: true, characterData: true };
  inner.observe(root, INNER);
  const outer = new MutationObserver(() => lost());
  outer.observe(host, { attributes: true, childList: true });
  // What it stands in is no cover; closed and opened again, it would be one.
  if (home) outer.observe(home, { attributeFilter: ["open", "popover"] });

  /** What came later elsewhere in the top layer, a toast, counts for Chromium as over all. */
  const raise = () => {
    if (own(root, "activeElement") || !isPlain(surface) || isCovered(sheet, true)) return;
    surface.hidePopover();
    surface.showPopover();
  };

  const look = () => {
    if (stopped) return;
    const now = performance.now();
    if (now - last > LOOK_GAP) since += now - last;
    last = now;
    const here = placeOf(surface);
    const thorough = now - deep > DEEP_LOOK;
    if (thorough) deep = now;
    if (told === false && now - raised > RAISE_AGAIN) {
      raised = now;
      raise();
    }
    const well = here === place && inside && told !== false && isPlain(surface) && !isCovered(sheet, thorough);
    place = here;
    since = well ? Math.min(since, now) : Infinity;
  };
  // A page may change what is painted right before each picture, and change it back right after: so looks are also late in the
  // frame, after the page's own callbacks, and at times that nobody knows.
  let late = new ResizeObserver(look);
  const turn = () => {
    if (stopped) return;
    if (!host.isConnected || !matches(surface, ":popover-open")) return lost();
    look();
    late.disconnect();
    late = new ResizeObserver(look);
    late.observe(surface);
    setTimeout(look, Math.random() * 20);
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);

  return {
    steady() {
      // What covers a frame, only the browser can tell.
      if (touched || stopped || isFrameVisible() !== true || (told === undefined && window !== window.top)) return false;
      look();
      return performance.now() - since >= STEADY && !isCovered(sheet, true);
    },
    change(act) {
      if (inner.takeRecords().length) touched = true;
      if (outer.takeRecords().length) return lost();
      act();
      inner.takeRecords();
      outer.takeRecords();
    },
    stop() {
      stopped = true;
      for (const each of [observer, inner, outer, late]) each.disconnect();
    },
  };
};

/** Where a box is on the user's screen, as a text: every frame around it is of the same origin. @param {Element} surface */
const placeOf = (surface) => {
  const { left, top, width, height } = surface.getBoundingClientRect();
  const parts = [left, top, width, height, screenX, screenY, innerWidth, innerHeight];
  for (let view = /** @type {Window} */ (window); view !== view.top; view = view.parent) {
    const frame = view.frameElement;
    if (!frame) break;
    const box = frame.getBoundingClientRect();
    parts.push(box.left, box.top);
  }
  const visual = visualViewport;
  if (visual) parts.push(visual.offsetLeft, visual.offsetTop, visual.scale);
  return parts.map(Math.round).join(" ");
};

/** Whether nothing makes it faint, small, or another picture than it is. @param {Element} surface */
const isPlain = (surface) => {
  if (own(document, "visibilityState") !== "visible" || !matches(surface, ":popover-open")) return false;
  if (!isLarge(surface.getBoundingClientRect(), SHOWN_MIN)) return false;
  // Also where something around it is skipped: `content-visibility`.
  const { opacityProperty, visibilityProperty, contentVisibilityAuto } = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
  if (surface.checkVisibility?.({ opacityProperty, visibilityProperty, contentVisibilityAuto }) === false) return false;
  const zoom = surface.currentCSSZoom ?? 1;
  if (zoom < ZOOM.min || zoom > ZOOM.max) return false;
  for (let at = /** @type {Element | null} */ (surface); at; at = parentOf(at)) if (!isPlainStyle(at)) return false;
  for (let view = /** @type {Window} */ (window); view !== view.top; view = view.parent) {
    for (let at = view.frameElement; at; at = parentOf(at)) if (!isPlainStyle(at)) return false;
  }
  return true;
};

/** @param {Element} element */
const isPlainStyle = (element) => {
  const style = getComputedStyle(element);
  const none = (/** @type {string} */ value) => !value || value === "none" || value === "normal" || value === "auto";
  return (
    style.opacity === "1" &&
    style.display !== "none" &&
    [style.filter, style.clipPath, style.clip, style.mixBlendMode, style.maskImage, style.perspective, style.rotate, style.scale].every(none) &&
    // Moved is well, turned or shrunken is not.
    (none(style.transform) || /^matrix\(1, 0, 0, 1, /.test(style.transform))
  );
};
