// Listens from the first moment, so that no event of the browser is missed while WASM starts, and
// hands everything to `background::handle` in the order of its coming.
import init, { handle } from "./wasm/background.js";

const api = globalThis.browser ?? chrome;
let [ready, ports] = [init(), 0];
const deliver = (...event) => void ready.then(() => handle(event));
const listen = (event, name, ...how) => event?.addListener((...told) => deliver(name, ...told), ...how);

api.runtime.onConnect.addListener((port) => {
  const id = ++ports;
  deliver("connect", id, port);
  port.onMessage.addListener((message) => deliver("message", id, message));
  port.onDisconnect.addListener(() => deliver("disconnect", id));
});
api.runtime.onMessage.addListener((message, { id, tab, frameId }) => {
  if (id === api.runtime.id && tab && ["form", "act"].includes(message)) deliver(message, tab.id, tab.url, frameId);
});
const { alarms, commands, contextMenus, idle, runtime } = api;
const plain = { alarm: alarms.onAlarm, command: commands.onCommand, idle: idle.onStateChanged, menu: contextMenus?.onClicked };
for (const [name, event] of Object.entries({ ...plain, installed: runtime.onInstalled, startup: runtime.onStartup })) listen(event, name);
// What the user allows later is there from then on; the same listener once more is none.
const [clicked, hear] = [(id) => deliver("notified", id), () => api.notifications?.onClicked.addListener(clicked)];
hear(api.permissions?.onAdded.addListener(hear));
// Firefox only: Chromium, started with this permission, at times never loads its first page.
listen(api.webRequest?.onAuthRequired, "auth", { urls: ["http://*/*", "https://*/*"] }, ["asyncBlocking"]);
