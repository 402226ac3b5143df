// Runs in every frame, always: tells the background once that a login form may be here, so that
// it can mark its button, and once that the user is at a field of such a frame, so that it can send
// what it takes to fill. It leaves nothing in the page and hears nothing back.
(() => {
  const FORM =
    "input[type=password],input[type=email],input[autocomplete~=username],input[autocomplete~=current-password],input[autocomplete~=one-time-code],input[autocomplete*=cc-],input[name*=user i],input[name*=login i],input[id*=user i],input[id*=login i]";
  /** Subtrees that came since the last look. @type {Set<Node>} */
  const fresh = new Set([document]);
  let waiting = false;

  // Not `browser`: `<div id=browser>` is a global. Fails where the extension was updated meanwhile, or nobody listens: no matter.
  /** @param {string} what */
  const say = (what) => {
    try {
      chrome.runtime.sendMessage(what).catch(() => {});
    } catch {}
  };

  // Fields of a form hide what the form has by itself, `<input name=matches>`: nothing here calls a form's methods.
  /** @param {Node} node @returns {boolean} */
  const holdsForm = (node) => {
    const all = Document.prototype.createTreeWalker.call(document, node, NodeFilter.SHOW_ELEMENT);
    for (let at = /** @type {Node | null} */ (node); at; at = all.nextNode()) {
      if (at instanceof HTMLInputElement && at.matches(FORM)) return true;
      // Open shadow roots.
      if (at instanceof HTMLElement && at.shadowRoot instanceof ShadowRoot && holdsForm(at.shadowRoot)) return true;
    }
    return false;
  };

  const look = () => {
    waiting = false;
    const found = [...fresh].some((node) => node.isConnected && holdsForm(node));
    fresh.clear();
    if (!found) return;
    observer.disconnect();
    say("form");
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, act, true);
    // Who was quicker than this is at a field already.
    if (navigator.userActivation?.isActive) attend();
  };

  /** @param {Event} event */
  const act = (event) => {
    // The focus comes after the press.
    if (event.isTrusted) setTimeout(attend);
  };
  const attend = () => {
    const at = Reflect.get(Document.prototype, "activeElement", document);
    // A field, or what may hold one in its shadow.
    if (!at || /^(body|a|button|iframe)$/.test(at.localName)) return;
    for (const name of ["pointerdown", "keydown"]) removeEventListener(name, act, true);
    say("act");
  };

  const later = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => requestIdleCallback(look, { timeout: 2000 }), 300);
  };

  const observer = new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node instanceof Element) fresh.add(node);
    if (fresh.size) later();
  });
  observer.observe(document, { childList: true, subtree: true });
  later();
})();
