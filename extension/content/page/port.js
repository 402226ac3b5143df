// The port to the background: opened when the script comes, and again when there is something to
// say. The background may end at any time; what it knew of this frame is told anew.

/** @type {ExtensionPort | null} */
let port = null;
let welcome = false;
let sent = 0;
/** What tells this script from the one of the next document. */
const SCRIPT = Math.floor(Math.random() * 2 ** 53);
/** What is to be said once the background has greeted. @type {import("../messages.js").ContentRequest[]} */
let waiting = [];

/** Whether the extension is still there: after an update or its end, this script is an orphan. */
const greet = () => {
  hangUp();
  try {
    port = chrome.runtime.connect({ name: "content" });
  } catch {
    return false;
  }
  const own = port;
  own.onMessage.addListener((text) => {
    if (own === port) hear(JSON.parse(String(text)));
  });
  own.onDisconnect.addListener(() => {
    if (own === port) hangUp();
  });
  own.postMessage(JSON.stringify({ versions: [1], script: SCRIPT }));
  return true;
};

const hangUp = () => {
  port?.disconnect();
  port = null;
  welcome = false;
  waiting = [];
  hideMenu();
};

/** @param {import("../messages.js").ContentRequest} body */
const say = (body) => {
  if (!port && !greet()) return;
  if (!welcome) return void waiting.push(body);
  sent += 1;
  port?.postMessage(JSON.stringify({ v: 1, id: sent, body }));
};

/** @param {import("../messages.js").ServerFrame} frame */
const hear = (frame) => {
  if (frame.version === 1) {
    welcome = true;
    const bodies = waiting;
    waiting = [];
    for (const body of bodies) say(body);
  }
  if (!welcome || !frame.event) return;
  const command = frame.event;
  const { ticket } = /** @type {{ticket: number}} */ (command.payload);
  switch (command.type) {
    case "collect":
      return void tell(ticket);
    case "fill":
      return void fill(command.payload).then((payload) => say({ type: "filled", payload }));
    case "undo":
      return say({ type: "filled", payload: takeBack(ticket) });
    case "menu":
      return showMenu(command.payload);
    case "hide_menu":
      return hideMenu();
    case "offer":
      return showOffer(command.payload);
    case "hide_offer":
      return hideOffer();
  }
};

/** Who asks a second time found nothing in view. @param {number} ticket */
const tell = async (ticket) => {
  if (tickets.has(ticket)) await bringIntoView();
  say({ type: "facts", payload: await factsOf(ticket) });
};
