// Notices that the user sends a form, so that what was typed can be saved. What was typed goes to
// the background once, then; nothing of it is kept here.

/** How long a form may take to go away after it was sent, milliseconds. */
const OUTCOME = 10_000;
const OUTCOME_LOOK = 250;
// `proto::limits`: TYPED_VALUES_MAX, TYPED_VALUE_MAX_CHARS.
const VALUES_MAX = 20;
const VALUE_MAX = 1000;
/** Least time between two forms that are sent, milliseconds: a press and the submission it causes are one. */
const AGAIN = 800;

/** How long after a press of the user a submission belongs to it, milliseconds: scripts submit too. */
const PRESS = 2000;

let lastSent = -Infinity;
let pressed = -Infinity;

const watchForms = () => {
  const press = (/** @type {Event} */ event) => {
    if (event.isTrusted) pressed = performance.now();
  };
  addEventListener("pointerdown", press, true);
  addEventListener("keydown", press, true);
  const byUser = () => performance.now() - pressed < PRESS || navigator.userActivation?.isActive === true;
  addEventListener("submit", (event) => event.isTrusted && byUser() && void sentForm(event.composedPath()[0] ?? null), true);
  addEventListener(
    "click",
    (event) => {
      if (!event.isTrusted) return;
      const button = event.composedPath().find((at) => at instanceof Element && isPressed(at));
      if (button instanceof HTMLElement && sends(button)) void sentForm(button);
    },
    true,
  );
  addEventListener(
    "keydown",
    (event) => {
      if (event.isTrusted && event.key === "Enter" && !event.isComposing) void sentForm(deepActive());
    },
    true,
  );
};

/** Whether pressing it may send a form: where the form has a button for that, no other does. @param {HTMLElement} button */
const sends = (button) => {
  if (matches(button, "a[href]:not([href^='#']):not([href^='javascript:'])")) return false;
  const form = /** @type {HTMLFormElement | null} */ (call(button, "closest", "form"));
  if (!form || isSubmit(button)) return true;
  return !all(form, "button,input[type=submit],input[type=image]").some(isSubmit);
};

/** Boxes with a text that a form around `at` would send, in order. @param {EventTarget | null} at */
const sentBoxes = (at) => {
  const owner = at instanceof HTMLFormElement ? at : at instanceof HTMLElement ? ownerOf(/** @type {Control} */ (at)) : null;
  const boxes = controls().filter((control) => control instanceof HTMLInputElement && TEXTUAL.has(control.type) && control.value !== "");
  const near = owner ? boxes.filter((control) => control.form === owner || isAround(owner, control)) : [];
  return near.length ? near : boxes.filter((control) => control.type === "password" || isMasked(control));
};

/** Cut off or mended, a password would be saved wrong; half a surrogate pair is no JSON that Rust would read. @param {Control} box */
const isTellable = ({ value }) => value.length <= VALUE_MAX && !/\p{Surrogate}/u.test(value);

/** @param {EventTarget | null} at */
const sentForm = async (at) => {
  if (filling || performance.now() - lastSent < AGAIN) return;
  const boxes = sentBoxes(at);
  const first = boxes.find((box) => box.type === "password" || isMasked(box)) ?? boxes[0];
  if (!first || boxes.length > VALUES_MAX || !boxes.every(isTellable)) return;
  lastSent = performance.now();
  // Before the page clears them.
  const typed = boxes.map((box) => ({ box, value: box.value }));
  const ticket = ++ownTickets;
  const facts = collect(ticket, isFrameVisible() !== false);
  const known = [...(tickets.get(ticket) ?? [])];
  const indexOf = (/** @type {Control} */ box) => known.find(([, entry]) => entry.control.deref() === box)?.[0];
  const field = indexOf(first);
  if (field === undefined) return;
  const values = typed.flatMap(({ box, value }) => {
    const index = indexOf(box);
    return index === undefined ? [] : [{ field: index, value }];
  });
  say({ type: "submitted", payload: { facts, field, values } });
  if (first.type === "password" || isMasked(first)) await outcome(ticket, first);
};

/** Looks what becomes of a form whose page stays. @param {number} ticket @param {Control} box */
const outcome = async (ticket, box) => {
  const until = performance.now() + OUTCOME;
  const shown = () => box.isConnected && isVisible(box);
  while (shown() && performance.now() < until) await new Promise((done) => setTimeout(done, OUTCOME_LOOK));
  // A page that is being left says nothing any more; the next one tells.
  say({ type: "outcome", payload: { ticket, gone: !shown() } });
};
