// Body of a WebDriver script on an extension page: one request to the background over a port of
// its own. arguments: the request's body as JSON text, then WebDriver's callback.
const [body, done] = arguments;
const port = (globalThis.browser ?? globalThis.chrome).runtime.connect({ name: "popup" });
port.onDisconnect.addListener(() => done("{\"gone\":true}"));
port.onMessage.addListener((text) => {
  const frame = JSON.parse(text);
  if ("version" in frame) {
    port.postMessage(`{"v":1,"id":1,"body":${body}}`);
  } else if (frame.id === 1) {
    done(text);
    port.disconnect();
  }
});
port.postMessage(JSON.stringify({ versions: [1] }));
