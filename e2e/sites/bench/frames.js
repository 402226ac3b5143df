// With `?frames` in the address: keeps when each frame began and which tasks were long, for the
// bench to ask. Without, nothing runs here: the bench then weighs the page.
if (location.search === "?frames") {
  const seen = { frames: [], longTasks: 0 };
  globalThis.seen = seen;
  const frame = (now) => {
    seen.frames.push(now);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  if (PerformanceObserver.supportedEntryTypes.includes("longtask")) {
    new PerformanceObserver((list) => (seen.longTasks += list.getEntries().length)).observe({
      type: "longtask",
    });
  } else {
    seen.longTasks = null;
  }
}
