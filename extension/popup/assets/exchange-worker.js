// The module `exchange` on a thread of its own: one file of another program, or one export. It
// answers one question at a time; whoever started it ends it by terminating it.
const SLICE_BYTES = 4 * 2 ** 20;

/** What was read, or the export under way. */
let held;
let parts = [];

const load = async () => {
  const module = await import("./wasm/exchange.js");
  await module.default();
  return module;
};

/** A file's bytes, slice by slice, so that it can be told how far it came. */
const bytesOf = async (file) => {
  const bytes = new Uint8Array(file.size);
  for (let at = 0; at < file.size; at += SLICE_BYTES) {
    postMessage({ progress: at });
    bytes.set(new Uint8Array(await file.slice(at, at + SLICE_BYTES).arrayBuffer()), at);
  }
  postMessage({ progress: file.size });
  return bytes;
};

const failed = (fault) => () => Promise.reject({ fault });

const answers = {
  read: async (file, password) => {
    const bytes = await bytesOf(file).catch(failed("file"));
    const { read } = await load().catch(failed("module"));
    try {
      held = read(bytes, password);
    } finally {
      bytes.fill(0);
    }
    return held.contents();
  },
  batch: (numbers) => held.batch(numbers),
  begin: async (account, now) => {
    const { Export } = await load().catch(failed("module"));
    held = new Export();
    parts = [held.head(account, now)];
  },
  add: (items) => void parts.push(held.add(items)),
  finish: () => ({ file: new Blob([...parts, held.tail()], { type: "application/json" }), report: held.report() }),
};

onmessage = async ({ data: [name, ...question] }) => {
  try {
    postMessage({ value: await answers[name](...question) });
  } catch (error) {
    const told = typeof error === "string" ? error : undefined;
    postMessage({ fault: error?.fault ?? "refused", told });
  }
};
