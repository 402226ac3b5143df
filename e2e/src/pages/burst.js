// Body of a WebDriver script on an extension page: sends many requests over one port without waiting,
// and keeps each answer in `window.told`. arguments: the requests' bodies as JSON texts, then
// WebDriver's callback, called when all are on their way.
const [bodies, done] = arguments;
const told = (window.told = {});
const port = (globalThis.browser ?? globalThis.chrome).runtime.connect({ name: "popup" });
port.onMessage.addListener((text) => {
  const frame = JSON.parse(text);
  if ("version" in frame) {
    bodies.forEach((body, at) => port.postMessage(`{"v":1,"id":${at + 1},"body":${body}}`));
    done(true);
  } else if ("ok" in frame || "err" in frame) {
    told[frame.id - 1] = frame;
  }
});
port.postMessage(JSON.stringify({ versions: [1] }));
