// Body of a WebDriver script on the popup's page: searches for a title and remembers, as a promise,
// when a row with it comes up (milliseconds since 1970). arguments: the title.
const [title] = arguments;
const input = document.querySelector("[data-test=search]");
input.value = title;
input.dispatchEvent(new Event("input", { bubbles: true }));
const found = () => document.querySelector(`[data-test=row][data-title="${title}"]`);
globalThis.rowSeen = new Promise((done) => {
  const observer = new MutationObserver(() => {
    if (found()) {
      observer.disconnect();
      done(Date.now());
    }
  });
  observer.observe(document, { subtree: true, childList: true, attributes: true });
});
