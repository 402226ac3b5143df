// QR codes: draws one, and looks for some in a picture that the user has chosen. A picture's size is known before it is
// decoded: one that is too large is not, and of the others no more pixels are taken than are of use.
const load = async () => {
  const codes = await import("./wasm/codes.js");
  await codes.default();
  return codes;
};
const told = (start, wanted) => new Promise((done, failed) => {
  wanted.onload = () => done(wanted);
  wanted.onerror = () => failed("picture");
  start(wanted);
});

const READ_WITHIN_MS = 5_000;

/** Asks a worker for the codes in a picture; what it has not found in time, it finds no more. */
const reader = () => {
  const worker = new Worker("codes-worker.js", { type: "module" });
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, READ_WITHIN_MS, { found: null })));
  const told = () => new Promise((done) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = () => done({});
  });
  return {
    ask: async (...question) => {
      worker.postMessage(question);
      const { found } = await Promise.race([told(), late]);
      if (found === undefined) throw "module";
      return found;
    },
    end: () => {
      clearTimeout(timer);
      worker.terminate();
    },
  };
};

export const draw = async (text) => {
  const { draw, side } = await load();
  return { path: draw(text), side: side(text) };
};

export const read = async (file, pixelsMax, sides) => {
  const { result } = await told((reader) => reader.readAsDataURL(file), new FileReader());
  const image = await told((image) => (image.src = result), new Image());
  const { naturalWidth: width, naturalHeight: height } = image;
  if (!width || !height) throw "picture";
  if (width * height > pixelsMax) throw "large";
  const { ask, end } = reader();
  try {
    return await look(image, sides, ask);
  } finally {
    end();
  }
};

/** Looks at it smaller and smaller, until there is a code or no time. */
const look = async (image, sides, ask) => {
  const { naturalWidth: width, naturalHeight: height } = image;
  for (const side of sides) {
    const scale = Math.min(1, side / Math.max(width, height));
    const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
    const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
    // What is transparent is white: that is how such a picture is seen.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, w, h);
    context.drawImage(image, 0, 0, w, h);
    const found = await ask(w, h, context.getImageData(0, 0, w, h).data);
    if (!found) break;
    if (found.length) return found;
  }
  return [];
};
