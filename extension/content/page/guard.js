// Whether a person had the chance to see what we show: hostile pages lay things over it, make it
// faint, move it under the cursor or bring it up a moment before a click. What is not certain
// counts as unseen; then nothing is released here, and the popup asks.
//
// Nothing of this runs while nothing is shown.

/** Time for which all must have been well before anything is released, milliseconds. */
const STEADY = 500;
/** Longest time between two looks, milliseconds: a page that lets none happen may draw meanwhile. */
const LOOK_GAP = 250;
/** Time between two looks into all shadow roots where the browser does not tell what is covered, milliseconds. */
const DEEP_LOOK = 200;
/** Least size of what is shown, CSS pixels. */
const SHOWN_MIN = { width: 160, height: 32 };
/** Elements within another box of the top layer that are looked at. */
const COVER_MAX = 300;

/** @typedef {{steady(): boolean, change(act: () => void): void, stop(): void}} Watch */

/** @param {Sheet} sheet @param {() => void} lost what to do where the page takes it away or changes it @returns {Watch} */
const watchSeen = (sheet, lost) => {
  const { host, root, surface } = sheet;
  let since = Infinity;
  let last = -Infinity;
  let deep = -Infinity;
  let place = "";
  let touched = false;
  let stopped = false;
  /** What the browser says of covers and transparency; Firefox says nothing. @type {boolean | undefined} */
  let told;
  let tells = false;

  const observer = new IntersectionObserver(
    (entries) => {
      const entry = entries.at(-1);
      tells = entry?.isVisible !== undefined;
      told = entry?.isVisible;
      if (told === false) since = Infinity;
    },
    { trackVisibility: true, delay: 100, threshold: [0, 0.5, 1] },
  );
  observer.observe(surface);

  // Whoever else reaches in here (another extension) makes it worthless; the page reaches the host.
  const inner = new MutationObserver(() => (touched = true));
  const INNER = { childList: true, subtree: true, attributes: true, characterData: true };
  inner.observe(root, INNER);
  const outer = new MutationObserver(() => lost());
  outer.observe(host, { attributes: true, childList: true });

  const look = () => {
    const now = performance.now();
    if (now - last > LOOK_GAP) since = Infinity;
    last = now;
    const here = placeOf(surface);
    const thorough = !tells && now - deep > DEEP_LOOK;
    if (thorough) deep = now;
    const well = here === place && told !== false && (!tells || told === true) && isPlain(host, surface) && !isCovered(host, surface, thorough);
    place = here;
    since = well ? Math.min(since, now) : Infinity;
  };
  const turn = () => {
    if (stopped) return;
    if (!host.isConnected) return lost();
    look();
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);

  return {
    steady() {
      if (touched || stopped || isFrameVisible() !== true) return false;
      look();
      return performance.now() - since >= STEADY && !isCovered(host, surface, true);
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
      for (const each of [observer, inner, outer]) each.disconnect();
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

/** Whether nothing makes it faint, small, or another picture than it is. @param {HTMLElement} host @param {Element} surface */
const isPlain = (host, surface) => {
  if (own(document, "visibilityState") !== "visible" || !matches(host, ":popover-open")) return false;
  if (!isLarge(surface.getBoundingClientRect(), SHOWN_MIN)) return false;
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
    (none(style.transform) || /^matrix\(1, 0, 0, 1, /.test(style.transform)) &&
    /^(1|normal)?$/.test(style.zoom ?? "")
  );
};

/**
 * Whether something else may stand over it. Only what is in the top layer can, and there what came
 * later, which nobody tells: so whatever is there besides and touches it counts.
 * @param {HTMLElement} host @param {Element} surface @param {boolean} thorough also in shadow roots
 */
const isCovered = (host, surface, thorough) => {
  const box = surface.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  for (const [dx, dy] of [[0, 0], [-0.4, -0.4], [0.4, 0.4], [-0.4, 0.4], [0.4, -0.4]]) {
    const at = call(document, "elementFromPoint", x + (dx ?? 0) * box.width, y + (dy ?? 0) * box.height);
    if (at && at !== host && !holds(at, host)) return true;
  }
  const LAYER = ":popover-open,dialog:modal,:fullscreen";
  /** @type {Element[]} */
  const above = all(document, LAYER);
  if (thorough) walkAll((element) => {
    if (own(element, "getRootNode") && call(element, "getRootNode") !== document && matches(element, LAYER)) above.push(element);
  });
  return above.some((element) => element !== host && !isAround(element, host) && mayCover(element, box));
};

/** Whether `host` stands in the shadow of `element`, which the document tells of instead. @param {Element} element @param {Element} host */
const holds = (element, host) => {
  const root = shadowOf(element);
  return root !== null && isAround(element, host);
};

/** @param {Element} element @param {Element} inner */
const isAround = (element, inner) => {
  for (let at = parentOf(inner); at; at = parentOf(at)) if (at === element) return true;
  return false;
};

/** @param {Element} element @param {DOMRect} box */
const mayCover = (element, box) => {
  const { backgroundColor, backgroundImage, backdropFilter, display } = getComputedStyle(element, "::backdrop");
  const clear = /^(transparent|rgba\(\d+, \d+, \d+, 0\))?$/.test(backgroundColor) && /^(none)?$/.test(backgroundImage);
  if (!(clear && /^(none)?$/.test(backdropFilter ?? "")) && display !== "none") return true;
  const parts = [element, ...all(element, "*")];
  return parts.length > COVER_MAX || parts.some((part) => {
    const other = call(part, "getBoundingClientRect");
    return other.left < box.right && other.right > box.left && other.top < box.bottom && other.bottom > box.top;
  });
};
