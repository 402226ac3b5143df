// Body of a WebDriver script on an extension page: saves many logins over one port, 64 on their
// way at a time. arguments: how many, then WebDriver's callback, which gets the same number.
const [count, done] = arguments;
const port = (globalThis.browser ?? globalThis.chrome).runtime.connect({ name: "popup" });
let sent = 0, saved = 0;
const login = (n) => ({
  edits: null,
  title: `Site ${n}`,
  subtitle: `person${n % 97}@example.test`,
  urls: [{ url: `https://site-${n}.test/login`, matching: "site" }],
  secrets: { kind: "login", password: `pass ${n} word`, totp: "", fields: [], notes: "" },
});
const next = () => {
  if (sent === count) return;
  sent += 1;
  port.postMessage(JSON.stringify({ v: 1, id: sent, body: { type: "save", payload: { draft: login(sent) } } }));
};
port.onDisconnect.addListener(() => done(`the background went away after ${saved}`));
port.onMessage.addListener((text) => {
  const frame = JSON.parse(text);
  if ("version" in frame) for (let i = 0; i < 64; i += 1) next();
  if ("err" in frame) done(JSON.stringify(frame.err));
  if (!("ok" in frame)) return;
  saved += 1;
  if (saved === count) { done(count); port.disconnect(); } else next();
});
port.postMessage(JSON.stringify({ versions: [1] }));
