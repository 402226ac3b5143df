// Listens from the first moment, so that no event of the browser is missed while WASM starts, and
// hands everything to `background::handle` in the order of its coming.
import init, { handle } from "./wasm/background.js";

const api = globalThis.browser ?? chrome;
const ready = init();
const deliver = (...event) => void ready.then(() => handle(event));
let ports = 0;

api.runtime.onConnect.addListener((port) => {
  const id = ++ports;
  deliver("connect", id, port);
  port.onMessage.addListener((message) => deliver("message", id, message));
  port.onDisconnect.addListener(() => deliver("disconnect", id));
});
api.runtime.onMessage.addListener((message, sender) => {
  if (sender.id !== api.runtime.id || !sender.tab) return;
  if (message === "form") deliver("form", sender.tab.id, sender.tab.url);
  if (message === "act") deliver("act", sender.tab.id, sender.frameId);
});
// The browser asks the user itself where this answers nothing.
api.webRequest?.onAuthRequired.addListener(
  (details, answer) => deliver("auth", details, answer),
  { urls: ["http://*/*", "https://*/*"] },
  ["asyncBlocking"],
);
api.alarms.onAlarm.addListener((alarm) => deliver("alarm", alarm));
api.idle.onStateChanged.addListener((state) => deliver("idle", state));
api.contextMenus.onClicked.addListener((info, tab) => deliver("menu", info.menuItemId, tab));
api.commands.onCommand.addListener((name, tab) => deliver("command", name, tab));
api.runtime.onInstalled.addListener(() => deliver("installed"));
api.runtime.onStartup.addListener(() => deliver("startup"));
