// Begins, or lets the script that is here already greet the background once more.

/**
 * Where the live instance stands in this world. Elements with an id and frames with a name are
 * globals here too, and own ones some of them, but none has a symbol for a name. For the same
 * reason the browser is `chrome`, which is there in each of them: `browser` may be an element.
 */
const LIVE = Symbol.for("pearvault.page");
const world = /** @type {Record<symbol, (() => boolean) | undefined>} */ (/** @type {unknown} */ (globalThis));
/** What was said or asked through the port before is said and asked through the new one. */
const greetAgain = () => {
  const unsaid = waiting;
  if (!greet()) return false;
  waiting = unsaid;
  const field = !unsaid.length && performance.now() - acted < ACT ? fieldAttended() : null;
  if (field) void attend(field, false);
  return true;
};

// One that is left from before an update of the extension cannot.
if (!world[LIVE]?.()) {
  world[LIVE] = greetAgain;
  greet();
  attendFields();
  watchForms();
}
