// What the background is told of a page.

/** @typedef {{control: WeakRef<Control>, form: WeakRef<HTMLFormElement> | null, nature: string, like: string}} Known */
/** @typedef {{element: Element, afterFields: number}} Pressed */

// `proto::limits`: PAGE_FIELDS_MAX, CONTENT_FRAME_MAX_BYTES.
const FIELDS_MAX = 500;
const FRAME_MAX = 512 * 1024;
const BUTTONS_MAX = 100;
/** Links that are told of one place; more say nothing new. */
const LINKS_MAX = 8;
/** Tickets whose elements are remembered. */
const TICKETS_MAX = 4;
/** Inputs that hold nothing a person types or chooses; they count, but are not told. */
const SILENT = new Set(["hidden", "submit", "button", "image", "reset"]);

/** Elements of the last facts, by ticket and index. @type {Map<number, Map<number, Known>>} */
const tickets = new Map();

/** What must be the same of an element between its facts and its fill. @param {Control} control */
const nature = (control) => [control.localName, control.type, control.autocomplete].join("\n");

/** What must be the same of another element that takes its place. @param {Control} control */
const likeness = (control) => [nature(control), control.name, control.id].join("\n");

/** @param {Element} element */
const isPressed = (element) => {
  switch (own(element, "localName")) {
    case "a":
      return matches(element, "[href],[role],[class]");
    case "button":
      return true;
    case "input":
      return /^(submit|button|image)$/.test(/** @type {HTMLInputElement} */ (element).type);
    default:
      return attribute(element, "role") === "button";
  }
};

/** @param {Element} element */
const buttonText = (element) => {
  const input = element instanceof HTMLInputElement ? element : null;
  return (
    clean(input ? input.value : textOf(element), 80) ||
    clean(namedBy(element).map(textOf).join(" "), 80) ||
    clean(attribute(element, "aria-label") ?? attribute(element, "title") ?? input?.alt, 80)
  );
};

/** @param {Element} element */
const isSubmit = (element) => {
  if (element instanceof HTMLButtonElement) return element.type === "submit";
  return element instanceof HTMLInputElement && /^(submit|image)$/.test(element.type);
};

/** @param {number} ticket @param {boolean} seen whether the frame is @returns {import("../messages.js").PageFacts} */
const collect = (ticket, seen) => {
  /** @type {Control[]} */
  const inputs = [];
  /** @type {Pressed[]} */
  const pressed = [];
  walkAll((element) => {
    if (isControl(element)) inputs.push(element);
    if (isPressed(element)) pressed.push({ element, afterFields: inputs.length });
  });

  let told = inputs.map((control, index) => ({ control, index })).filter(({ control }) => !SILENT.has(control.type));
  if (told.length > FIELDS_MAX) told = fewer(told.filter(({ control }) => isTyped(control)));
  const boxes = new Map(told.map(({ control }) => [control, ownerOf(control)]));
  const owners = new Set([...boxes.values()].filter((owner) => owner !== null));
  /** @type {Element[]} */
  const groups = [];
  /** @param {Element | null} owner */
  const groupOf = (owner) => {
    if (!owner) return null;
    const group = outermost(owners, owner);
    if (!groups.includes(group)) groups.push(group);
    return groups.indexOf(group);
  };

  /** @type {Map<number, Known>} */
  const known = new Map();
  const labelsOf = labelFinder();
  const fields = told.map(({ control, index }) => {
    const form = control.form && new WeakRef(control.form);
    known.set(index, { control: new WeakRef(control), form, nature: nature(control), like: likeness(control) });
    const facts = fieldFacts(control, index, groupOf(boxes.get(control) ?? null), labelsOf(control));
    return { ...facts, visible: seen && facts.visible };
  });
  tickets.set(ticket, known);
  for (const old of [...tickets.keys()].slice(0, -TICKETS_MAX)) tickets.delete(old);

  return {
    ticket,
    title: clean(own(document, "title")),
    path: clean(location.pathname),
    language: clean(own(document, "documentElement")?.lang, 20),
    fields,
    forms: groups.map(formFacts),
    buttons: nearest(pressed, groups),
  };
};

/**
 * Of too many fields those around passwords, then the first. @template {{control: Control, index: number}} T
 * @param {T[]} fields @returns {T[]}
 */
const fewer = (fields) => {
  /** @type {Set<number>} */
  const near = new Set();
  fields.forEach(({ control }, at) => {
    if (control.type === "password") for (let place = at - 20; place <= at + 5; place += 1) near.add(place);
  });
  const kept = fields.filter((_, at) => near.has(at)).slice(0, FIELDS_MAX);
  const others = fields.filter((_, at) => !near.has(at)).slice(0, FIELDS_MAX - kept.length);
  return [...kept, ...others].sort((a, b) => a.index - b.index);
};

/**
 * Buttons, and of the links those right behind a field; those within a group first where there
 * are too many. Texts cost time and pages have thousands of links: only what is told is read.
 * @param {Pressed[]} pressed @param {Element[]} groups
 */
const nearest = (pressed, groups) => {
  const places = new Map(groups.map((group, place) => [group, place]));
  /** @param {Element} element */
  const groupOf = (element) => {
    for (let at = /** @type {Element | null} */ (element); at; at = parentOf(at)) {
      const place = places.get(at);
      if (place !== undefined) return place;
    }
    return null;
  };
  /** Links told by the group and the fields before them. @type {Map<string, number>} */
  const links = new Map();
  const told = [];
  for (const [order, { element, afterFields }] of pressed.entries()) {
    const anchor = own(element, "localName") === "a";
    if (afterFields === 0 && anchor) continue;
    const form = groupOf(element);
    const link = anchor && !matches(element, BUTTON);
    const gap = `${form} ${afterFields}`;
    const count = links.get(gap) ?? 0;
    if (link && count >= LINKS_MAX) continue;
    const text = buttonText(element);
    if (!text) continue;
    if (link) links.set(gap, count + 1);
    const rank = (form === null ? 2 : 0) + (link ? 1 : 0);
    told.push({ order, rank, facts: { form, text, submits: isSubmit(element), afterFields } });
  }
  const kept = told.sort((a, b) => a.rank - b.rank || a.order - b.order).slice(0, BUTTONS_MAX);
  return kept.sort((a, b) => a.order - b.order).map(({ facts }) => facts);
};

/**
 * @param {Control} control @param {number} index @param {number | null} form
 * @param {Element[]} labels @returns {FieldFacts}
 */
const fieldFacts = (control, index, form, labels) => {
  const label = labelOf(control, labels);
  const box = control instanceof HTMLInputElement && /^(checkbox|radio)$/.test(control.type);
  return {
    index,
    tag: control.localName,
    kind: control instanceof HTMLInputElement ? control.type : control.localName,
    name: clean(control.getAttribute("name")),
    id: clean(control.getAttribute("id")),
    class: clean(control.getAttribute("class")),
    autocomplete: clean(control.getAttribute("autocomplete")?.toLowerCase()),
    placeholder: clean(control.getAttribute("placeholder")),
    label,
    nearby: label ? "" : nearbyOf(control),
    form,
    minLength: lengthOf(/** @type {HTMLInputElement} */ (control).minLength),
    maxLength: lengthOf(/** @type {HTMLInputElement} */ (control).maxLength),
    pattern: clean(control.getAttribute("pattern")),
    passwordRules: clean(control.getAttribute("passwordrules")),
    masked: isMasked(control),
    setAside: isSetAside(control),
    disabled: matches(control, ":disabled"),
    visible: isVisible(control),
    editable: isEditable(control),
    filled: box ? control.checked : control.value !== "",
    focused: own(/** @type {Document | ShadowRoot} */ (control.getRootNode()), "activeElement") === control,
  };
};

/** @param {number | undefined} length -1 where the page sets none */
const lengthOf = (length) => Math.max(0, Math.min(length ?? 0, 1e6));

/** @param {Control} control */
const isSetAside = (control) => control.tabIndex < 0 || control.closest("[aria-hidden=true],[inert]") !== null;

/**
 * Facts that fit into one frame: shorter texts where the page is that large. @param {number} ticket
 */
const factsOf = async (ticket) => {
  const payload = collect(ticket, await isFrameSeen());
  const size = () => new TextEncoder().encode(JSON.stringify(payload)).length;
  for (let max = TEXT_MAX / 2; size() > FRAME_MAX - 1024 && max > 1; max = Math.floor(max / 3)) {
    for (const group of [payload.fields, payload.forms, payload.buttons]) {
      for (const entry of /** @type {Record<string, unknown>[]} */ (/** @type {unknown} */ (group))) {
        for (const [name, value] of Object.entries(entry)) {
          if (typeof value === "string") entry[name] = clean(value, max);
        }
      }
    }
  }
  return payload;
};

/** Numbers of the facts that nobody asked for; the background's begin far above. */
let ownTickets = 0;
