// Notices when the user is at a field, and asks whether there is something to fill. Focus that a
// script sets is no act of the user; nothing of ours is in the page before one.

/** How long after an act of the user a focus belongs to it, milliseconds. */
const ACT = 600;
/** How long a field for which there was no menu is not asked about again, milliseconds. */
const DULL = 5000;

/** When fields were asked about in vain. @type {WeakMap<Control, number>} */
const dull = new WeakMap();
let acted = -Infinity;
/** The last question, and what the field held then. @type {{ticket: number, value: string} | null} */
let question = null;
/** Whether nothing has been heard since this script came: what was typed before is not known. */
let late = true;

/** The element that has the focus, within shadow trees too. @returns {Element | null} */
const deepActive = () => {
  let at = own(document, "activeElement");
  for (let root = at && shadowOf(at); root; root = at && shadowOf(at)) {
    const inner = own(root, "activeElement");
    if (!inner) break;
    at = inner;
  }
  return at;
};

const attendFields = () => {
  addEventListener("pointerdown", (event) => onAct(event, event.button === 0), true);
  addEventListener("keydown", onKey, true);
  addEventListener("focusin", (event) => event.isTrusted && later(), true);
  addEventListener("focusout", () => setTimeout(leave), true);
  addEventListener("scroll", () => menu && place(), { capture: true, passive: true });
  addEventListener("resize", () => menu && place());
  // What brought this script here may have been the user's coming to a field.
  if (navigator.userActivation?.isActive) acted = performance.now();
  later();
};

/** @param {Event} event @param {boolean} counts */
const onAct = (event, counts) => {
  if (!event.isTrusted || !counts || filling) return;
  if (menu && event.composedPath()[0] === menu.sheet.host) return;
  acted = performance.now();
  // The focus comes after the press; a press on the field that has it brings the menu back.
  later();
};

/** @param {KeyboardEvent} event */
const onKey = (event) => {
  if (!event.isTrusted || filling || menuKey(event)) return;
  const asks = event.key === "ArrowDown" && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (asks) {
    const field = fieldAttended();
    if (field) void attend(field, true);
  }
  if (event.key === "Tab") acted = performance.now();
};

let planned = false;
const later = () => {
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    const field = performance.now() - acted < ACT ? fieldAttended() : null;
    const typed = late && field && field.value !== field.defaultValue;
    late = false;
    // Who types already wants no menu over what comes next.
    if (typed) return;
    if (field && menu?.field !== field && performance.now() - (dull.get(field) ?? -Infinity) > DULL) void attend(field, false);
  });
};

const leave = () => {
  if (menu && deepActive() !== menu.field) hideMenu();
};

/** The field that has the focus, if something could be filled there. @returns {HTMLInputElement | null} */
const fieldAttended = () => {
  const at = deepActive();
  const fits = at instanceof HTMLInputElement && TEXTUAL.has(at.type) && at.type !== "search" && isEditable(at) && isVisible(at);
  return fits ? at : null;
};

/** @param {HTMLInputElement} field @param {boolean} asked */
const attend = async (field, asked) => {
  dull.set(field, performance.now());
  const { value } = field;
  const facts = await factsOf(++ownTickets);
  const known = tickets.get(facts.ticket);
  const index = [...(known ?? [])].find(([, entry]) => entry.control.deref() === field)?.[0];
  if (index === undefined || deepActive() !== field) return;
  question = { ticket: facts.ticket, value };
  say({ type: "attend", payload: { facts, field: index, asked } });
};
