// Whether something else may stand over what we show. Only what is in the top layer can, and there what came later, which
// nobody tells: so whatever is there besides and draws where ours is counts. It draws further than its boxes are: shadows,
// outlines, pseudo-elements. And pictures of a transition between views lie over all.

/** Elements within another box of the top layer that are looked at. */
const COVER_MAX = 300;
const LAYER = ":popover-open,dialog:modal,:fullscreen";
const TRANSITION = ":active-view-transition";
/** What shows more than its box, its border and its texts. */
const PICTURES = "img,canvas,video,audio,iframe,frame,object,embed,input,select,textarea,button,meter,progress,hr,svg,svg *,math,math *";

/** @param {Sheet} sheet @param {boolean} thorough also in shadow roots, and part by part */
const isCovered = ({ host, surface, home }, thorough) => {
  const box = surface.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  for (const [dx, dy] of [[0, 0], [-0.4, -0.4], [0.4, 0.4], [-0.4, 0.4], [0.4, -0.4]]) {
    const at = call(document, "elementFromPoint", x + (dx ?? 0) * box.width, y + (dy ?? 0) * box.height);
    if (!at || (at !== host && !holds(at, host))) return true;
  }
  const page = own(document, "documentElement");
  if (CSS.supports(`selector(${TRANSITION})`) && (matches(page, TRANSITION) || all(page, TRANSITION).length)) return true;
  /** @type {{documentPictureInPicture?: {window: Window | null}}} */
  const { documentPictureInPicture: beside } = /** @type {any} */ (globalThis);
  if (beside?.window || own(document, "pictureInPictureElement")) return true;
  const above = all(document, LAYER);
  if (thorough) {
    walkAll((element) => {
      if (call(element, "getRootNode") !== document && matches(element, LAYER)) above.push(element);
    });
  }
  const others = above.filter((element) => element !== host && element !== surface && element !== home && !isAround(element, home));
  return others.some((element) => mayCover(element, box, thorough));
};

/** Whether `host` stands in the shadow of `element`, which the document tells of instead. @param {Element} element @param {Element} host */
const holds = (element, host) => {
  const root = shadowOf(element);
  return root !== null && isAround(element, host);
};

/** @param {Element} element @param {Element | null} inner */
const isAround = (element, inner) => {
  for (let at = inner && parentOf(inner); at; at = parentOf(at)) if (at === element) return true;
  return false;
};

/** @param {Element} element @param {DOMRect} box @param {boolean} thorough */
const mayCover = (element, box, thorough) => {
  const backdrop = getComputedStyle(element, "::backdrop");
  if (backdrop.display !== "none" && (fills(backdrop) || reachOf(backdrop) > 0)) return true;
  if (!thorough) return draws(element, box);
  let left = COVER_MAX;
  /** @param {Element | ShadowRoot} root @returns {boolean} */
  const within = (root) => {
    const texts = walkerOf(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (texts.nextNode()) {
      const at = texts.currentNode;
      if ((left -= 1) < 0) return true;
      if (at instanceof Element ? drawsAnything(at) : isText(at) && meets(at, box, 0)) return true;
    }
    return false;
  };
  /** @param {Element} part @returns {boolean} */
  const drawsAnything = (part) => {
    const root = shadowOf(part);
    return draws(part, box) || (root !== null && within(root));
  };
  return drawsAnything(element) || within(element);
};

/** @param {Node} node @returns {node is Text} */
const isText = (node) => node instanceof Text && /\S/.test(node.data);

/** @param {Element} part @param {DOMRect} box */
const draws = (part, box) => {
  const style = getComputedStyle(part);
  if (style.display === "none") return false;
  const pseudo = Math.max(...["::before", "::after"].map((name) => pseudoReach(getComputedStyle(part, name))));
  const marker = style.display.includes("list-item") ? markReach(getComputedStyle(part, "::marker"), 2) : 0;
  const reach = reachOf(style) + Math.max(pseudo, marker) + (part instanceof SVGElement ? strokeReach(part, style) : 0);
  return (reach > 0 || fills(style) || isFramed(style) || matches(part, PICTURES)) && meets(part, box, reach);
};

/** @param {Element | Text} node @param {DOMRect} box @param {number} reach */
const meets = (node, box, reach) => {
  let rects;
  if (node instanceof Element) rects = [call(node, "getBoundingClientRect")];
  else {
    const range = call(document, "createRange");
    range.selectNodeContents(node);
    rects = [...range.getClientRects()];
  }
  return rects.some(
    (other) =>
      other.left - reach < box.right && other.right + reach > box.left && other.top - reach < box.bottom && other.bottom + reach > box.top,
  );
};

/** @param {CSSStyleDeclaration} style */
const fills = ({ backgroundColor, backgroundImage, backdropFilter }) =>
  !/^(transparent|rgba\(\d+, \d+, \d+, 0\))?$/.test(backgroundColor) || !/^(none)?$/.test(backgroundImage) || !/^(none)?$/.test(backdropFilter ?? "");

/** @param {CSSStyleDeclaration} style */
const isFramed = (style) =>
  [style.borderTopWidth, style.borderRightWidth, style.borderBottomWidth, style.borderLeftWidth].some((width) => parseFloat(width) > 0);

/** Lengths in a value, summed up without their signs, CSS pixels. @param {string | undefined} value */
const lengths = (value) => (value?.match(/[\d.]+(e[+-]?\d+)?px/g) ?? []).reduce((sum, length) => sum + parseFloat(length), 0);

/** How far something draws beyond its box, CSS pixels: rather too far. @param {CSSStyleDeclaration} style */
const reachOf = (style) => {
  const { outlineStyle, outlineWidth, outlineOffset, borderImageSource, borderImageOutset, filter } = style;
  const reflection = style.getPropertyValue("-webkit-box-reflect");
  if (/url\(/.test(filter) || !/^(none)?$/.test(reflection)) return Infinity;
  if (!/^(none)?$/.test(borderImageSource) && !/^0(px)?$/.test(borderImageOutset)) return Infinity;
  const outline = outlineStyle === "none" ? 0 : lengths(outlineWidth) + lengths(outlineOffset);
  // A blur is seen at three times its length.
  return lengths(style.boxShadow) + lengths(style.textShadow) + 3 * lengths(filter) + outline;
};

/** @param {CSSStyleDeclaration} style */
const pseudoReach = (style) => {
  const { content, display, transform, rotate, scale, translate } = style;
  if (/^(none|normal)?$/.test(content) || display === "none") return 0;
  if (![transform, rotate, scale, translate].every((value) => /^(none)?$/.test(value))) return Infinity;
  const places = [style.width, style.height, style.margin, style.padding, style.top, style.right, style.bottom, style.left, style.textIndent];
  return places.reduce((sum, value) => sum + lengths(value), 0) + reachOf(style) + markReach(style, 0);
};

/** How far text of a pseudo-element goes. @param {CSSStyleDeclaration} style @param {number} least characters */
const markReach = ({ content, fontSize }, least) => (/url\(|image|gradient/.test(content) ? Infinity : parseFloat(fontSize) * Math.max(least, content.length));

/** @param {SVGElement} element @param {CSSStyleDeclaration} style */
const strokeReach = (element, style) => {
  if ([style.markerStart, style.markerMid, style.markerEnd].some((value) => !/^(none)?$/.test(value))) return Infinity;
  if (!(element instanceof SVGGraphicsElement) || style.stroke === "none") return 0;
  const matrix = element.getScreenCTM();
  const scale = matrix ? Math.max(Math.hypot(matrix.a, matrix.b), Math.hypot(matrix.c, matrix.d)) : Infinity;
  return parseFloat(style.strokeWidth) * scale * Math.max(1, parseFloat(style.strokeMiterlimit));
};
