// Texts that stand at controls.

// `proto::limits`: PAGE_TEXT_MAX_CHARS.
const TEXT_MAX = 200;
/** Inputs that a text can go into. */
const TEXTUAL = new Set(["text", "email", "tel", "url", "search", "number", "password"]);

/** @param {unknown} value @param {number} [max] */
const clean = (value, max = TEXT_MAX) => {
  const text = String(value ?? "").slice(0, 4000).replace(/\s+/g, " ").trim().slice(0, max);
  // Half a surrogate pair is no JSON that Rust would read.
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "");
};

/** Text that stands in `node`, without that of controls and scripts. @param {Node | null} node */
const textOf = (node) => {
  if (!node) return "";
  if (node instanceof Text) return clean(node.data);
  if (!(node instanceof Element) || matches(node, SKIPPED)) return "";
  let text = "";
  const walker = walkerOf(node, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (at) =>
    at instanceof Element && matches(at, SKIPPED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  while (walker.nextNode() && text.length < 2 * TEXT_MAX) {
    if (walker.currentNode instanceof Text) text += walker.currentNode.data + " ";
  }
  return clean(text);
};
const SKIPPED = "script,style,noscript,template,select,option,textarea,svg";

/** Elements that `aria-labelledby` names. @param {Element} element */
const namedBy = (element) => {
  const root = call(element, "getRootNode");
  const ids = (attribute(element, "aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
  if (!(root instanceof Document || root instanceof ShadowRoot)) return [];
  return ids.slice(0, 8).map((id) => call(root, "getElementById", id));
};

/**
 * Finds labels by `for`, reading each tree once: `control.labels` walks the whole document for
 * every control. @returns {(control: Control) => Element[]}
 */
const labelFinder = () => {
  /** @type {Map<Node, Map<string, Element[]>>} */
  const trees = new Map();
  return (control) => {
    const root = /** @type {Document | ShadowRoot} */ (control.getRootNode());
    let labels = trees.get(root);
    if (!labels) {
      labels = new Map();
      for (const label of all(root, "label[for]")) {
        const id = /** @type {HTMLLabelElement} */ (label).htmlFor;
        labels.set(id, [...(labels.get(id) ?? []), label]);
      }
      trees.set(root, labels);
    }
    const named = (control.id && labels.get(control.id)) || [];
    const around = control.closest("label");
    return around && !around.htmlFor ? [...named, around] : named;
  };
};

/** @param {Control} control @param {Element[]} labels */
const labelOf = (control, labels) => {
  const parts = [...labels, ...namedBy(control)];
  return (
    clean([...new Set(parts.map(textOf))].join(" ")) ||
    clean(control.getAttribute("aria-label")) ||
    clean(control.title)
  );
};

/** Text right before an unlabelled control; where none is, right behind it. @param {Control} control */
const nearbyOf = (control) => {
  /** @type {Node} */
  let at = control;
  for (let level = 0; level < 5; level += 1) {
    for (let before = own(at, "previousSibling"); before; before = own(before, "previousSibling")) {
      if (before instanceof Element && holdsTyped(before)) return "";
      const text = textOf(before);
      if (text) return text;
    }
    const parent = own(at, "parentElement");
    if (!parent || parent === own(document, "body") || parent instanceof HTMLFormElement) return "";
    if (all(parent, "input,select,textarea").filter(isTyped).length === 1) {
      const text = textOf(parent);
      if (text) return text;
    }
    at = parent;
  }
  return "";
};

/** @param {Element} element */
const isTyped = (element) =>
  element instanceof HTMLInputElement ? TEXTUAL.has(element.type) : matches(element, "select,textarea");
/** @param {Element} element */
const holdsTyped = (element) =>
  isTyped(element) || all(element, "input,select,textarea").some(isTyped);
