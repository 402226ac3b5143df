// Starts one of the shipped workers and lets it work: milliseconds until it is ready, tries a second.
const [kind, done] = arguments;
const FOR_MS = 4000;
const begin = performance.now();
const worker = new Worker("/solver-worker.js", { type: "module" });
let ready, span, first = 0n, since, tries = 0;
/** Sizes of the pieces under way. */
const given = [];
const give = () => {
  worker.postMessage({ header: "5a".repeat(64), target: "00".repeat(31) + "01", worker: 0, first: String(first), count: span });
  first += BigInt(span);
  given.push(span);
};
const end = (answer) => {
  worker.terminate();
  done(answer);
};
worker.onerror = ({ message }) => end(message);
worker.onmessage = ({ data }) => {
  if (data.type === "none") return end(null);
  if (data.type === "failed") return end(data.problem);
  if (data.type === "ready") {
    ready = performance.now() - begin;
    span = data.span;
    give();
    return give();
  }
  const count = given.shift();
  // The first pieces warm the compiler up.
  if (since === undefined && performance.now() - begin > ready + 1000) since = performance.now();
  else if (since !== undefined) tries += count;
  span = data.span;
  if (since !== undefined && performance.now() - since > FOR_MS) return end({ ready, rate: (tries * 1000) / (performance.now() - since) });
  give();
};
worker.postMessage({ kind });
