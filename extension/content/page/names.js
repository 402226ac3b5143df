// What the page cannot rename: see README.md. Parts of one script, in the order of `parts.json`.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {import("../messages.js").FieldFacts} FieldFacts */
/** @typedef {import("../messages.js").FillRole} FillRole */

/**
 * What a node has by itself. Fields of a form hide the form's properties, and some elements the
 * document's, wherever they have that name: `<input name=parentNode>`, `<img name=body>`. So
 * nothing is read from an element that may be a form, nor from a document, but by these two.
 * @template {Node} N @template {keyof N} K @param {N} node @param {K} name @returns {N[K]}
 */
const own = (node, name) => Reflect.get(Object.getPrototypeOf(node), name, node);

/**
 * @template {Node} N @template {keyof N} K @param {N} node @param {K} name
 * @param {N[K] extends (...args: infer A) => unknown ? A : never} args
 * @returns {N[K] extends (...args: never) => infer R ? R : never}
 */
const call = (node, name, ...args) => /** @type {any} */ (own(node, name)).apply(node, args);

/** Attributes are named more often than all else. @param {Element} element @param {string} name */
const attribute = (element, name) => call(element, "getAttribute", name);
/** @param {Element} element @param {string} selector */
const matches = (element, selector) => call(element, "matches", selector);
/** @param {Element | Document | ShadowRoot} root @param {string} selector @returns {Element[]} */
const all = (root, selector) => [...call(/** @type {Element} */ (root), "querySelectorAll", selector)];

/** @param {Node} root @param {number} show @param {(node: Node) => number} [filter] */
const walkerOf = (root, show, filter) => call(document, "createTreeWalker", root, show, filter);
