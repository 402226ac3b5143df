// What the document holds: of the controls that are asked for, of what the page believes, and which
// other controls hold a text of the vault. Pages bend what scripts lean on: this one leans on little.
const [selectors, beliefs, secrets] = arguments;

/** `host >>> inner`: each step but the last is into an open shadow root. */
const reach = (path) => {
  let root = document;
  let found = null;
  for (const part of path.split(">>>")) {
    found = root ? root.querySelector(part.trim()) : null;
    root = found && found.shadowRoot;
  }
  return found;
};
const held = (element) => String("value" in element ? element.value : element.textContent.trim());

const values = {};
const named = new Set();
for (const path of selectors) {
  const element = reach(path);
  named.add(element);
  values[path] = element && held(element);
}

const state = {};
for (const key of beliefs) {
  const belief = typeof practice === "object" ? practice[key] : null;
  state[key] = belief === undefined || belief === null ? null : String(belief);
}

const strays = [];
const search = (root) => {
  for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot) search(element.shadowRoot);
    if (named.has(element) || !element.matches("input, textarea, [contenteditable]")) continue;
    const text = held(element);
    // What stood there before is the page's own.
    if (text === "" || text === element.defaultValue) continue;
    for (const secret of secrets) {
      if (text.includes(secret)) strays.push([`<${element.localName} id="${element.id}" name="${element.name}">`, secret]);
    }
  }
};
search(document);
return { values, state, strays };
