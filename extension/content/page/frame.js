// Whether a person sees this frame.

/** Least part of a frame that counts as seen, CSS pixels. */
const FRAME_MIN = { width: 60, height: 40 };
/** Boxes that the browser is asked about, at most. */
const OBSERVED_MAX = 20;
/** Time that the browser gets to say what of this frame is on the screen, milliseconds. */
const SEEN_WITHIN = 200;

/**
 * Whether a person could see this frame, after scrolling if need be. `null` where a frame around
 * it is of another origin: then only the browser knows where it stands.
 */
const isFrameVisible = () => {
  for (let view = /** @type {Window} */ (window); view !== view.top; view = view.parent) {
    if (!isLarge({ width: view.innerWidth, height: view.innerHeight }, FRAME_MIN)) return false;
    const frame = view.frameElement;
    if (!frame) return null;
    if (!isLarge(frame.getBoundingClientRect(), FRAME_MIN) || !isVisible(frame)) return false;
  }
  return true;
};

/** What a login would be typed into, passwords first. */
const boxesInView = () =>
  controls()
    .filter((control) => isTyped(control) && isVisible(control))
    .sort((a, b) => Number(b.type === "password") - Number(a.type === "password"))
    .slice(0, OBSERVED_MAX);

/**
 * Whether the browser tells within its time that some of the frame is on the screen. Chromium
 * also says where it is transparent, hidden, shrunken or covered (`isVisible`).
 * @param {Element[]} boxes @returns {Promise<boolean>}
 */
const isOnScreen = (boxes) =>
  new Promise((done) => {
    const page = own(document, "documentElement");
    const observer = new IntersectionObserver(
      (entries) => {
        const seen = entries.some(
          ({ target, isIntersecting, isVisible, intersectionRect }) =>
            isIntersecting && isVisible !== false && isLarge(intersectionRect, target === page ? FRAME_MIN : BOX_MIN),
        );
        if (seen) end(true);
      },
      { trackVisibility: true, delay: 100 },
    );
    /** @param {boolean} seen */
    const end = (seen) => {
      observer.disconnect();
      clearTimeout(timer);
      done(seen);
    };
    const timer = setTimeout(end, SEEN_WITHIN, false);
    for (const target of [page, ...boxes]) observer.observe(target);
  });

/** Whether the user sees this frame, or could by scrolling as far as that can be told. */
const isFrameSeen = async () => {
  const visible = isFrameVisible();
  if (visible !== null) return visible;
  const boxes = boxesInView();
  return boxes.length > 0 && isOnScreen(boxes);
};

/** Scrolls the pages around this frame to its form, where it is not known to be in view. */
const bringIntoView = async () => {
  if (isFrameVisible() !== null) return;
  boxesInView()[0]?.scrollIntoView({ behavior: "instant", block: "center", inline: "nearest" });
  await settle();
};
