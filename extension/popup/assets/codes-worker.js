// The reading half of the module `codes` on a thread of its own: a picture can be drawn so that looking for codes in it
// takes for ever, and whoever started this ends it then.
onmessage = async ({ data: [width, height, pixels] }) => {
  try {
    const codes = await import("./wasm/codes.js");
    await codes.default();
    postMessage({ found: codes.read(width, height, pixels) });
  } catch {
    postMessage({});
  }
};
