// Runs in every frame, always: tells the background once that a login form may be here, so that
// it can mark its button, and once that the user is at a field of such a frame, so that it can send
// what it takes to fill. It leaves nothing in the page and hears nothing back. What it costs is
// measured by `cargo xtask bench page`: the browser's own search is ten times as quick as a walk.
(() => {
  const FORM =
    "input[type=password],input[type=email],input[autocomplete~=username],input[autocomplete~=current-password],input[autocomplete~=one-time-code],input[autocomplete*=cc-],input[name*=user i],input[name*=login i],input[id*=user i],input[id*=login i]";
  /** Between a change of the page and the next look, milliseconds. */
  const PAUSE = 1000;
  const ACTS = ["pointerdown", "keydown"];
  let begun = false;

  // Not `browser`: `<div id=browser>` is a global. Fails where the extension was updated meanwhile, or nobody listens: no matter.
  /** @param {string} what */
  const say = (what) => {
    try {
      chrome.runtime.sendMessage(what).catch(() => {});
    } catch {}
  };

  const begin = () => {
    if (begun) return;
    begun = true;
    observer.disconnect();
    removeEventListener("focusin", focus, true);
    say("form");
    for (const name of ACTS) addEventListener(name, act, true);
    // Who was quicker than this is at a field already.
    if (navigator.userActivation?.isActive) attend();
  };

  const look = () => {
    // `<img name=querySelector>` hides what the document has by itself.
    if (begun || Document.prototype.querySelector.call(document, FORM)) return begin();
    observer.observe(document, { childList: true, subtree: true });
  };

  // In shadow roots the search does not look: a field there is seen when somebody comes to it. Of
  // what is in a closed one, events tell nothing.
  /** @param {Event} event */
  const focus = (event) => {
    /** @type {EventTarget | null | undefined} */
    let at = event.composedPath()[0];
    for (let root; at instanceof HTMLElement && (root = inside(at)); ) at = root.activeElement;
    if (at instanceof HTMLInputElement && at.matches(FORM)) begin();
  };
  const inside = (/** @type {HTMLElement} */ host) =>
    chrome.dom ? chrome.dom.openOrClosedShadowRoot(host) : host.openOrClosedShadowRoot;

  /** @param {Event} event */
  const act = (event) => {
    // The focus comes after the press.
    if (event.isTrusted) setTimeout(attend);
  };
  const attend = () => {
    const at = Reflect.get(Document.prototype, "activeElement", document);
    // A field, or what may hold one in its shadow.
    if (!at || /^(body|a|button|iframe)$/.test(at.localName)) return;
    for (const name of ACTS) removeEventListener(name, act, true);
    say("act");
  };

  // Each record of a change is an object to be made: one is enough to look again, after a while.
  const observer = new MutationObserver(() => {
    observer.disconnect();
    setTimeout(look, PAUSE);
  });
  addEventListener("focusin", focus, true);
  look();
})();
