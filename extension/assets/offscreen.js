// The document that works on proofs of work and writes to the clipboard, for a background that can
// do neither. It hears `SolverCommand`s and tells `SolverRequest`s (proto::bridge::solver).
const api = globalThis.browser ?? chrome;
const STEP_TRIES = 4000;
const TELL_EVERY_MS = 250;

/** The search under way. @type {{header: string, workers: Worker[], tries: number[], solved?: string} | undefined} */
let search;
/** @type {chrome.runtime.Port | undefined} */
let port;
let greeted = false;
let sent = 0;
let timer = 0;

const tell = (type, payload) => {
  if (greeted) port?.postMessage(JSON.stringify({ v: 1, id: ++sent, body: { type, payload } }));
};

const tellSolved = () => {
  if (search?.solved) tell("solved", { header: search.header, solvedHeader: search.solved });
};

const stop = () => {
  for (const worker of search?.workers ?? []) worker.terminate();
  clearInterval(timer);
  search = undefined;
};

const work = ({ header, target }) => {
  if (search?.header === header) return tellSolved();
  stop();
  const current = { header, workers: [], tries: [], solved: undefined };
  search = current;
  const count = Math.max(1, navigator.hardwareConcurrency || 1);
  // A search that starts anew tries other nonces than the one that died.
  const [base] = crypto.getRandomValues(new Uint32Array(1));
  for (let number = 0; number < count; number++) {
    const worker = new Worker("solver-worker.js", { type: "module" });
    current.tries.push(0);
    current.workers.push(worker);
    worker.onmessage = ({ data }) => {
      current.tries[number] = data.tries;
      if (!data.solved || search !== current || current.solved) return;
      current.solved = data.solved;
      for (const other of current.workers) other.terminate();
      clearInterval(timer);
      tellSolved();
    };
    worker.postMessage({ header, target, number: (base + number) >>> 0, step: STEP_TRIES });
  }
  // Rate over the last two seconds.
  const past = [{ at: performance.now(), tries: 0 }];
  timer = setInterval(() => {
    const now = { at: performance.now(), tries: current.tries.reduce((a, b) => a + b, 0) };
    past.push(now);
    while (past.length > 2 && now.at - past[0].at > 2000) past.shift();
    const seconds = (now.at - past[0].at) / 1000;
    tell("tried", { header, tries: now.tries, rate: seconds > 0 ? (now.tries - past[0].tries) / seconds : 0 });
  }, TELL_EVERY_MS);
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
  if (frame.version === 1) greeted = true;
  const command = frame.event;
  if (command?.type === "work") work(command.payload);
  if (command?.type === "stop") stop();
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

connect();
