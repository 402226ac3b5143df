// One engine in one worker: opened once, then it tries pieces in the order of their coming, and tells
// `News` (extension/solver/src/crew.rs). Whoever started it ends it by terminating it.
const open = {
  processor: async () => {
    const solver = await import("./wasm/solver.js");
    await solver.default();
    return solver.Processor.open();
  },
  graphics: async () => {
    const gpu = await import("./wasm/gpu.js");
    await gpu.default();
    return gpu.Graphics.open();
  },
};

/** Name of the graphics device, from what the browser tells of it. */
const deviceName = async (name) => {
  if (name) return name;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  const { vendor, architecture } = adapter?.info ?? {};
  return [vendor, architecture].filter(Boolean).join(" ");
};

let engine;

const start = async (kind) => {
  engine = await open[kind]();
  if (!engine) return postMessage({ type: "none" });
  const name = kind === "graphics" ? await deviceName(engine.name) : engine.name;
  postMessage({ type: "ready", name, span: engine.span, software: engine.software ?? false });
};

const scan = async ({ header, target, worker, first, count }) => {
  const begin = performance.now();
  const position = await engine.scan(header, target, worker, BigInt(first), count);
  postMessage({ type: "done", position: position?.toString() ?? null, span: engine.span, ms: performance.now() - begin });
};

let last = Promise.resolve();
onmessage = ({ data }) => {
  const work = () => (data.kind ? start(data.kind) : scan(data));
  last = last.then(work).catch((error) => postMessage({ type: "failed", problem: String(error?.message ?? error) }));
};
