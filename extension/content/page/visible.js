// Whether a person could see a control.

/** Least part of a box that counts as seen, CSS pixels. */
const BOX_MIN = { width: 8, height: 5 };

/** Shapes that leave nothing of a box. */
const CLIPPED = /^(inset\(([5-9]\d|100)(\.\d+)?%|circle\(0|ellipse\(0|polygon\(0(px|%)? 0(px|%)?(, 0(px|%)? 0(px|%)?)+\))/;

/** Whether a person could see the control or frame, after scrolling if need be. @param {Element} control */
const isVisible = (control) => {
  const box = control.getBoundingClientRect();
  if (!isLarge(box, BOX_MIN)) return false;
  if (control.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) === false) return false;
  const home = own(control, "ownerDocument");
  const { scrollX, scrollY, innerWidth, innerHeight } = own(home, "defaultView") ?? window;
  const page = own(home, "documentElement");
  const body = own(home, "body");
  const left = box.left + scrollX;
  const top = box.top + scrollY;
  const leftwards = getComputedStyle(page).direction === "rtl" ? page.scrollWidth : 0;
  if (left + box.width <= -leftwards || top + box.height <= 0) return false;
  if (left >= Math.max(page.scrollWidth, innerWidth) || top >= Math.max(page.scrollHeight, innerHeight)) return false;

  let opacity = 1;
  /** Of the element that decides which ancestors clip. */
  let position = "static";
  for (let at = /** @type {Element | null} */ (control); at; at = parentOf(at)) {
    const style = getComputedStyle(at);
    if (style.display === "none" || (at === control && style.visibility !== "visible")) return false;
    opacity *= Number(style.opacity);
    if (opacity < 0.1 || CLIPPED.test(style.clipPath) || /opacity\(0(\.0\d*)?%?\)/.test(style.filter)) return false;
    if (style.clip !== "auto" && /^rect\((0px,? ?){3}0px\)|^rect\((1px,? ?){3}1px\)/.test(style.clip)) return false;
    const passes = position === "fixed" || (position === "absolute" && style.position === "static");
    if (at !== control && at !== page && at !== body && !passes) {
      if (style.overflow !== "visible" && clipsAway(at, style, box)) return false;
      position = "static";
    }
    if (style.position === "fixed" || style.position === "absolute") position = style.position;
  }
  return true;
};

/** @param {{width: number, height: number}} box @param {{width: number, height: number}} least */
const isLarge = (box, least) => box.width >= least.width && box.height >= least.height;

/** @param {Element} ancestor @param {CSSStyleDeclaration} style @param {DOMRect} box */
const clipsAway = (ancestor, style, box) => {
  const clip = call(ancestor, "getBoundingClientRect");
  // `display: contents` and inline boxes clip nothing.
  if (style.display === "contents" || style.display === "inline") return false;
  if (clip.width < 2 || clip.height < 2) return true;
  const apart = (/** @type {string} */ overflow) => overflow === "hidden" || overflow === "clip";
  return (
    (apart(style.overflowX) && (box.right <= clip.left || box.left >= clip.right)) ||
    (apart(style.overflowY) && (box.bottom <= clip.top || box.top >= clip.bottom))
  );
};

/** @param {Control} control */
const isEditable = (control) =>
  !control.matches(":disabled") && (!(/** @type {HTMLInputElement} */ (control).readOnly) || freesItself(control));

/**
 * A box that is read-only until somebody comes to it, so that no browser fills it by itself. Listeners cannot be
 * seen; but an empty password box that nobody may ever type into would be there for nothing.
 * @param {Control} control
 */
const freesItself = (control) =>
  isHeldBack(control) ||
  (control.value === "" && control.form !== null && isHeldBack(call(control.form, "querySelector", HELD_BACK))) ||
  ["onfocus", "onclick", "onmousedown", "onpointerdown"].some((name) => /readonly/i.test(attribute(control, name) ?? ""));

const HELD_BACK = "input[type=password][readonly]";

/** @param {Element | null} control */
const isHeldBack = (control) =>
  control instanceof HTMLInputElement && control.value === "" && matches(control, HELD_BACK) && !isShownBeside(control);

/** Whether another box shows what is typed: `password` rests while `passwordPlain` is in use. @param {HTMLInputElement} control */
const isShownBeside = ({ form, name }) =>
  form !== null && name !== "" && call(form, "querySelector", `input[type=text][name^="${CSS.escape(name)}"]`) !== null;

/** A text box that shows dots. @param {Element} control */
const isMasked = (control) =>
  control instanceof HTMLInputElement &&
  control.type === "text" &&
  !/^(none)?$/.test(getComputedStyle(control).getPropertyValue("-webkit-text-security"));
