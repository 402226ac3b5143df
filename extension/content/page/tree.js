// The tree of a page with its shadow trees.

/** Ordinary elements with content that are asked for a closed root, a walk. */
const ASKED_MAX = 4000;
/** Elements other than custom ones that may have a shadow root (DOM § 4.8, attachShadow). */
const HOSTS = new Set(
  "article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split(" "),
);

/** Times that the browser was asked for a closed root of an ordinary element in this walk. */
let asked = 0;

/** @param {Element} element @returns {ShadowRoot | null} */
const shadowOf = (element) => {
  const name = own(element, "localName");
  const custom = name.includes("-");
  if (!(element instanceof HTMLElement) || !(custom || HOSTS.has(name))) return null;
  if (element.shadowRoot) return element.shadowRoot;
  // Asking is slow, and hosts of that kind are empty but for their root as a rule.
  if (!custom && element.firstChild && (asked += 1) > ASKED_MAX) return null;
  if (chrome.dom) return chrome.dom.openOrClosedShadowRoot(element);
  return element.openOrClosedShadowRoot ?? null;
};

/** All elements of the document. @param {(element: Element) => void} visit */
const walkAll = (visit) => {
  asked = 0;
  walk(document, visit);
};

/**
 * All elements in document order, each shadow tree at the place of its host.
 * @param {Document | ShadowRoot} root @param {(element: Element) => void} visit
 */
const walk = (root, visit) => {
  const walker = walkerOf(root, NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const element = /** @type {Element} */ (walker.currentNode);
    visit(element);
    const shadow = shadowOf(element);
    if (shadow) walk(shadow, visit);
  }
};

/** @param {Element} element @returns {element is Control} */
const isControl = (element) =>
  element instanceof HTMLInputElement ||
  element instanceof HTMLSelectElement ||
  element instanceof HTMLTextAreaElement;

/** Every control of the document; its place here is its `index`. */
const controls = () => {
  /** @type {Control[]} */
  const found = [];
  walkAll((element) => {
    if (isControl(element)) found.push(element);
  });
  return found;
};

/** Parent in the flat tree. @param {Element} element @returns {Element | null} */
const parentOf = (element) => {
  const parent = own(element, "assignedSlot") ?? own(element, "parentElement");
  if (parent) return parent;
  // No `instanceof`: around a frame of the same origin stand nodes of another window.
  const root = /** @type {ShadowRoot} */ (call(element, "getRootNode"));
  return own(root, "nodeType") === 11 ? (own(root, "host") ?? null) : null;
};
