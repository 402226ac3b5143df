// The document that works on proofs of work and writes to the clipboard, for a background that can
// do neither. It hears `SolverCommand`s and tells `SolverRequest`s (proto::bridge::solver).
import { begin, measure, progress, setPower, work } from "./solver.js";

const api = globalThis.browser ?? chrome;
const TELL_EVERY_MS = 250;

/** @type {chrome.runtime.Port | undefined} */
let port;
let greeted = false;
let sent = 0;
/** What is solved, by job: told again to a background that has died over it. @type {Map<string, {header: string, solvedHeader: string}>} */
const solved = new Map();
/** Told with the greeting. */
let onBattery = false;

const tell = (type, payload) => {
  if (greeted) port?.postMessage(JSON.stringify({ v: 1, id: ++sent, body: { type, payload } }));
};

const order = ({ jobs, engine, onBattery, known }) => {
  for (const name of solved.keys()) {
    const same = jobs.some(({ job, header }) => job === name && header === solved.get(name).header);
    if (same) tell("solved", solved.get(name));
    else solved.delete(name);
  }
  work(jobs.filter(({ job }) => !solved.has(job)), { engine, onBattery, known });
};

const clearClipboard = () => {
  const blank = (event) => {
    event.clipboardData.setData("text/plain", " ");
    event.preventDefault();
  };
  document.addEventListener("copy", blank, { once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", blank);
};

const hear = (text) => {
  const frame = JSON.parse(text);
  if (frame.version === 1) {
    greeted = true;
    if (onBattery) tell("power", { onBattery });
  }
  const command = frame.event;
  if (command?.type === "work") order(command.payload);
  if (command?.type === "measure") measure();
  if (command?.type === "clear_clipboard") clearClipboard();
};

const connect = () => {
  greeted = false;
  port = api.runtime.connect({ name: "solver" });
  port.onMessage.addListener(hear);
  // The background died: it is woken, and closes this document where there is no work left.
  port.onDisconnect.addListener(() => {
    greeted = false;
    setTimeout(connect, 200);
  });
  port.postMessage(JSON.stringify({ versions: [1] }));
};

begin({
  solved: (job, header, solvedHeader) => {
    solved.set(job, { header, solvedHeader });
    tell("solved", { header, solvedHeader });
  },
  measured: (engines, complete) => tell("measured", { engines, complete }),
});
setInterval(() => progress().forEach((tried) => tell("tried", tried)), TELL_EVERY_MS);

// Not every browser tells where its power comes from.
navigator.getBattery?.().then((battery) => {
  battery.onchargingchange = () => {
    onBattery = !battery.charging;
    setPower(onBattery);
    tell("power", { onBattery });
  };
  battery.onchargingchange();
});

connect();
