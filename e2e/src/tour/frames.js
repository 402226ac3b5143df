// Body of a WebDriver script on the popup: from now on notes the milliseconds between its frames and
// its long tasks, as [begin, milliseconds], until another screen is shown. Returns the page's time.
// arguments: name of the screen.
const SETTLING = 500; // not noted: what starting this costs
const now = performance.now();
const begun = now + SETTLING;
const noted = { gaps: [], tasks: [], over: false };
const note = (entries) => {
  for (const task of entries)
    if (task.startTime >= begun) noted.tasks.push([task.startTime, task.duration]);
};
const observer = new PerformanceObserver((list) => note(list.getEntries()));
observer.observe({ type: "longtask" });
const screen = () => document.querySelector("[data-screen]")?.dataset.screen;
const [watched] = arguments;
let last = Infinity;
const frame = () => {
  if (screen() !== watched) {
    note(observer.takeRecords());
    observer.disconnect();
    noted.over = true;
    return;
  }
  const now = performance.now();
  if (last >= begun && last < now) noted.gaps.push(now - last);
  last = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
globalThis.pearvaultFrames = noted;
return now;
