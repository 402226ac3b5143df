// The document that works on proofs of work and writes to the clipboard, for a background that can
// do neither. It hears `SolverCommand`s and tells `SolverRequest`s (proto::bridge::solver); what is
// to be done about them the module `solver` says, here are port, workers and timer.

const api = globalThis.browser ?? chrome;
const TICK_MS = 250;

/** @type {chrome.runtime.Port | undefined} */
let port;
let greeted = false;
let sent = 0;
let onBattery = false;
/** The module. The clipboard needs none: it is loaded beside. */
const loading = import("./solver.js").then((module) => module.default);
/** @type {Map<number, Worker>} */
const workers = new Map();

const orders = {
  start: ({ unit, kind }) => {
    const worker = new Worker("solver-worker.js", { type: "module" });
    workers.set(unit, worker);
    const hear = (news) => ask((solver) => solver.heard(unit, JSON.stringify(news), Date.now()));
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

/** Asks the module what is to be done, and does it. One order that fails does not stop the others. */
const ask = (what) =>
  loading.then((solver) => {
    for (const order of JSON.parse(what(solver))) {
      try {
        orders[order.type](order);
      } catch (error) {
        const news = JSON.stringify({ type: "failed", problem: String(error?.message ?? error) });
        if (order.unit !== undefined) ask((solver) => solver.heard(order.unit, news, Date.now()));
      }
    }
  });

loading.catch((error) => {
  const problem = `Proofs of work cannot start: ${error?.message ?? error}`.slice(0, 100);
  const engine = { kind: "processor", name: "", units: 0, software: false, rate: null, problem };
  const tellIt = () => orders.tell({ request: { type: "measured", payload: { engines: [engine], complete: true } } });
  setInterval(tellIt, 10_000);
});

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
    if (onBattery) ask((solver) => solver.power(onBattery, Date.now()));
  }
  if (frame.event?.type === "clear_clipboard") clearClipboard();
  else if (frame.event) ask((solver) => solver.asked(JSON.stringify(frame.event), Date.now()));
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

setInterval(() => ask((solver) => solver.tick(Date.now())), TICK_MS);

// Not every browser tells where its power comes from.
navigator.getBattery?.().then((battery) => {
  battery.onchargingchange = () => {
    onBattery = !battery.charging;
    ask((solver) => solver.power(onBattery, Date.now()));
  };
  if (!battery.charging) battery.onchargingchange();
});

connect();
