// Asks a thread of its own for the codes in the pixels of a picture, and only so long.
const READ_WITHIN_MS = 5_000;

/** What a reader that takes too long is said to have found. */
export const deadline = () => {
  let timer;
  const over = new Promise((done) => (timer = setTimeout(done, READ_WITHIN_MS, { found: null })));
  return { over, cancel: () => clearTimeout(timer) };
};

/** A worker that is asked for the codes in pictures; one that was late is asked no more. */
export const reader = () => {
  const worker = new Worker("codes-worker.js", { type: "module" });
  const told = () => new Promise((done) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = () => done({});
  });
  return {
    ask: async (over, ...question) => {
      worker.postMessage(question);
      const { found } = await Promise.race([told(), over]);
      if (found === undefined) throw "module";
      return found;
    },
    end: () => worker.terminate(),
  };
};

/** The pixels of a picture, the longer side at most so long. */
export const pixels = (image, width, height, side) => {
  const scale = Math.min(1, side / Math.max(width, height));
  const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
  const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
  // What is transparent is white: that is how such a picture is seen.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, w, h);
  context.drawImage(image, 0, 0, w, h);
  return [w, h, context.getImageData(0, 0, w, h).data];
};
