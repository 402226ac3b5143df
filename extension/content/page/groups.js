// What belongs together, and what stands around it.

const HEADING = "h1,h2,h3,h4,h5,h6,legend,[role=heading]";
const TITLED = HEADING + ",[class*=title i],[class*=heading i]";
const BUTTON =
  "button,input[type=submit],input[type=button],input[type=image],[role=button],a[class*=btn i],a[class*=button i]";

/**
 * What a control belongs to: its form, else the nearest box around it that also holds a button
 * with a text, up to eight levels up. @param {Control} control @returns {Element | null}
 */
const ownerOf = (control) => {
  if (control.form) return control.form;
  const [page, body] = [own(document, "documentElement"), own(document, "body")];
  let at = parentOf(control);
  for (let level = 0; at && at !== body && at !== page; level += 1) {
    if (level === 8) return null;
    for (const button of all(shadowOf(at) ?? at, BUTTON)) {
      if (button instanceof HTMLInputElement ? button.value : textOf(button).length > 1) return at;
    }
    at = parentOf(at);
  }
  return null;
};

/** Joins boxes that lie within one another. @param {Set<Element>} owners @param {Element} owner */
const outermost = (owners, owner) => {
  let found = owner;
  if (owner instanceof HTMLFormElement) return found;
  for (let at = parentOf(owner); at; at = parentOf(at)) {
    if (at instanceof HTMLFormElement) break;
    if (owners.has(at)) found = at;
  }
  return found;
};

/** Heading in a group, else the last one before it. @param {Element} owner */
const headingOf = (owner) => {
  const inside = call(/** @type {Element} */ (shadowOf(owner) ?? owner), "querySelector", TITLED);
  const text = textOf(inside) || clean(attribute(owner, "aria-label"));
  if (text) return text;
  let at = /** @type {Element | null} */ (owner);
  for (let level = 0; at && level < 5; level += 1, at = parentOf(at)) {
    let before = own(at, "previousElementSibling");
    for (; before; before = own(before, "previousElementSibling")) {
      if (call(before, "querySelector", "input[type=password]")) break;
      const heading = matches(before, HEADING) ? before : all(before, HEADING).pop();
      const found = textOf(heading ?? null);
      if (found) return found;
    }
  }
  return "";
};

/** @param {Element} owner */
const formFacts = (owner) => {
  let action = "";
  try {
    const given = attribute(owner, "action");
    if (given !== null) action = new URL(given, own(document, "baseURI")).pathname;
  } catch {}
  return {
    id: clean(attribute(owner, "id")),
    name: clean(attribute(owner, "name")),
    class: clean(attribute(owner, "class")),
    action: clean(action),
    heading: headingOf(owner),
  };
};
