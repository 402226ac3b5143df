// Carries out one fill, looks whether the values stay, and takes it back where asked.

/** Time that a page gets to re-render after a value came, milliseconds. */
const SETTLE = 60;

/** What stood in a field before a fill, and what was put there. @typedef {{control: WeakRef<Control>, before: string, value: string}} Undo */

/** What the last fills can be undone with, by ticket. @type {Map<number, Undo[]>} */
const undos = new Map();

/**
 * The element of a step: the one of the ticket, or, where the page rendered that anew, the only
 * one that is like it. @param {Known} known @param {FillRole} role
 */
const resolve = (known, role) => {
  const first = known.control.deref();
  if (first?.isConnected) return accepts(first, role) && nature(first) === known.nature ? first : null;
  const alike = controls().filter((control) => likeness(control) === known.like && accepts(control, role));
  return alike.length === 1 ? (alike[0] ?? null) : null;
};

/** Whether a password waits for its user name: it is shut until that was typed. @param {Control} control @param {FillRole} role */
const waits = (control, role) => isPassword(role) && control.type === "password" && control.matches(":disabled") && isVisible(control);

/** Whether every field of the command is where the facts said. @param {import("../messages.js").FillCommand} command */
const isStale = ({ ticket, steps }) => {
  const known = tickets.get(ticket);
  if (!known || !steps.length) return true;
  const places = new Map(controls().map((control, place) => [control, place]));
  let last = -1;
  for (const { field, role } of [...steps].sort((a, b) => a.field - b.field)) {
    const entry = known.get(field);
    const control = entry?.control.deref();
    if (!entry || !control || !(accepts(control, role) || waits(control, role)) || nature(control) !== entry.nature) return true;
    const place = places.get(control) ?? -1;
    if (place <= last || (control.form ?? undefined) !== entry.form?.deref()) return true;
    last = place;
  }
  return false;
};

/** Boxes of one character each that follow one another take one character each. @param {Control} first @param {string} value */
const boxesOf = (first, value) => {
  if (value.length < 2) return [];
  const shown = controls().filter((control) => control.type !== "hidden");
  const run = shown.slice(shown.indexOf(first), shown.indexOf(first) + value.length);
  // The first of them may be wider, to be pasted into; the others may be free only once their turn comes.
  const fits = run.length === value.length && run.slice(1).every((box) => isBox(box, first));
  return fits ? run : [];
};

/**
 * Whether a box takes one character: by its length, else by a name that differs from the first one's
 * in a digit. @param {Control} box @param {Control} first
 */
const isBox = (box, first) => {
  if (!(box instanceof HTMLInputElement) || !TEXTUAL.has(box.type) || !isVisible(box)) return false;
  const name = (/** @type {Control} */ of) => likeness(of).replace(/\d/g, "");
  return box.maxLength === 1 || (box.maxLength < 0 && name(box) === name(first));
};

/** What stands in a field and those behind it: a page may spread a code that was put into the first. @param {Control} first @param {number} count */
const spread = (first, count) => {
  const shown = controls().filter((control) => control.type !== "hidden");
  return shown.slice(shown.indexOf(first), shown.indexOf(first) + count).map((box) => box.value).join("");
};

const settle = () => new Promise((done) => setTimeout(done, SETTLE));

/** @param {import("../messages.js").FillCommand} command @returns {Promise<import("../messages.js").Filled>} */
const fill = async (command) => {
  const { ticket } = command;
  // The frame first, because that takes time; from the look at the fields to the first key none passes.
  if (!(await isFrameSeen()) || isStale(command)) return { ticket, fields: [], stale: true };
  const known = /** @type {Map<number, Known>} */ (tickets.get(ticket));
  // Password last: what the page does on the user name must be done by then.
  const steps = [...command.steps].sort((a, b) => Number(isPassword(a.role)) - Number(isPassword(b.role)));
  /** @type {{field: number, holds: () => boolean}[]} */
  const done = [];
  /** @type {Undo[]} */
  const undo = [];
  filling = true;
  hideMenu();
  for (const { field, role, value } of steps) {
    const entry = /** @type {Known} */ (known.get(field));
    /** @type {Control | null} */
    let control = null;
    /** @type {Control[]} */
    let boxes = [];
    let typed = false;
    const taken = undo.length;
    const holds = () => {
      if (control && typed && !control.isConnected) {
        // A page that took the value and its field away has it; one may draw the field anew with it.
        const drawn = resolve(entry, role);
        if (!drawn) return true;
        if (!boxes.length && holdsValue(drawn, value, role)) {
          control = drawn;
          undo.slice(taken, taken + 1).forEach((back) => (back.control = new WeakRef(drawn)));
        }
      }
      if (!control?.isConnected || (isPassword(role) && !accepts(control, role))) return false;
      if (boxes.length) return boxes.map((box) => box.value).join("") === value;
      return holdsValue(control, value, role) || (role === "totp" && spread(control, value.length) === value);
    };
    // Once more where the page rendered the field anew or put its old value back.
    for (let round = 0; round < 2 && !holds(); round += 1) {
      control = resolve(entry, role);
      if (!control) break;
      boxes = role === "totp" ? boxesOf(control, value) : [];
      if (round === 0) {
        for (const box of boxes.length ? boxes : [control]) {
          undo.push({ control: new WeakRef(box), before: box.value, value: "" });
        }
      }
      for (const [at, box] of boxes.entries()) {
        if (!accepts(box, role)) await settle();
        type(box, value[at] ?? "", role);
      }
      if (!boxes.length) type(control, value, role);
      typed = boxes.length > 0 || !control.isConnected || holdsValue(control, value, role);
      await settle();
    }
    done.push({ field, holds });
  }
  filling = false;
  // The focus is where the fill left it: nobody came there.
  acted = -Infinity;
  for (const entry of undo) entry.value = entry.control.deref()?.value ?? "";
  undos.clear();
  undos.set(ticket, undo);
  return { ticket, fields: done.filter(({ holds }) => holds()).map(({ field }) => field), stale: false };
};

/** Whether a fill is under way: what fields tell then is not the user's doing. */
let filling = false;

/**
 * Puts back what stood in the fields, where they still hold what was put in.
 * @param {number} ticket @returns {import("../messages.js").Filled}
 */
const takeBack = (ticket) => {
  const entries = undos.get(ticket) ?? [];
  undos.delete(ticket);
  let count = 0;
  filling = true;
  for (const { control: reference, before, value } of entries) {
    const control = reference.deref();
    if (!control?.isConnected || control.value !== value || value === before) continue;
    const set = control instanceof HTMLInputElement ? setInput : control instanceof HTMLTextAreaElement ? setTextArea : null;
    if (set) set.call(control, before);
    else control.value = before;
    control.dispatchEvent(new InputEvent("input", { inputType: "historyUndo", bubbles: true, composed: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
    count += 1;
  }
  filling = false;
  return { ticket, fields: Array.from({ length: count }, (_, at) => at), stale: entries.length === 0 };
};
