// Body of a WebDriver script: ends once the page has its fonts and nothing in it moves that will
// stop by itself. arguments: milliseconds after which it ends anyhow, then WebDriver's callback.
const [limit, done] = arguments;
const end = performance.now() + limit;
const moves = (animation) =>
  animation.playState === "running" && animation.effect?.getComputedTiming().endTime !== Infinity;
const look = () => {
  const still = document.fonts.status === "loaded" && !document.getAnimations().some(moves);
  // What is over now is painted once more.
  if (still || performance.now() > end) setTimeout(done, 50);
  else setTimeout(look, 20);
};
// What the pointer left begins to fade with the next frame.
setTimeout(look, 50);
