// The document that works on proofs of work and writes to the clipboard, for a background that can
// do neither. It hears `SolverCommand`s and tells `SolverRequest`s (proto::bridge::solver); what is
// to be done about them the module `solver` says, here are port, workers and timer.
import solver from "./solver.js";

const api = globalThis.browser ?? chrome;
const TICK_MS = 250;

/** @type {chrome.runtime.Port | undefined} */
let port;
let greeted = false;
let sent = 0;
let onBattery = false;
/** @type {Map<number, Worker>} */
const workers = new Map();

const orders = {
  start: ({ unit, kind }) => {
    const worker = new Worker("solver-worker.js", { type: "module" });
    workers.set(unit, worker);
    const hear = (news) => carryOut(solver.heard(unit, JSON.stringify(news), Date.now()));
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = ({ message }) => hear({ type: "failed", problem: message || "The worker has ended." });
    worker.postMessage({ kind });
  },
  end: ({ unit }) => {
    workers.get(unit)?.terminate();
    workers.delete(unit);
  },
  scan: ({ unit, ...piece }) => workers.get(unit)?.postMessage(piece),
  tell: ({ request }) => {
    if (greeted) port?.postMessage(JSON.stringify({ v: 1, id: ++sent, body: request }));
  },
};

const carryOut = (all) => {
  for (const order of JSON.parse(all)) orders[order.type](order);
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
    if (onBattery) carryOut(solver.power(onBattery, Date.now()));
  }
  if (frame.event?.type === "clear_clipboard") clearClipboard();
  else if (frame.event) carryOut(solver.asked(JSON.stringify(frame.event), Date.now()));
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

setInterval(() => carryOut(solver.tick(Date.now())), TICK_MS);

// Not every browser tells where its power comes from.
navigator.getBattery?.().then((battery) => {
  battery.onchargingchange = () => {
    onBattery = !battery.charging;
    carryOut(solver.power(onBattery, Date.now()));
  };
  if (!battery.charging) battery.onchargingchange();
});

connect();
