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
const LOOK_EVERY_MS = 150;

/** What a reader that takes too long is said to have found. */
const deadline = () => {
  let timer;
  const over = new Promise((done) => (timer = setTimeout(done, READ_WITHIN_MS, { found: null })));
  return { over, cancel: () => clearTimeout(timer) };
};

/** A worker that is asked for the codes in pictures; one that was late is asked no more. */
const reader = () => {
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
const pixels = (image, width, height, side) => {
  const scale = Math.min(1, side / Math.max(width, height));
  const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
  const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
  // What is transparent is white: that is how such a picture is seen.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, w, h);
  context.drawImage(image, 0, 0, w, h);
  return [w, h, context.getImageData(0, 0, w, h).data];
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
  const { over, cancel } = deadline();
  const { ask, end } = reader();
  try {
    return await look(image, sides, (...question) => ask(over, ...question));
  } finally {
    cancel();
    end();
  }
};

/** Looks at it smaller and smaller, until there is a code or no time. */
const look = async (image, sides, ask) => {
  const { naturalWidth: width, naturalHeight: height } = image;
  for (const side of sides) {
    const found = await ask(...pixels(image, width, height, side));
    if (!found) break;
    if (found.length) return found;
  }
  return [];
};

/** Why a camera cannot be looked through. */
const blind = ({ name } = {}) =>
  ["NotAllowedError", "SecurityError"].includes(name) ? "forbidden"
  : ["NotFoundError", "OverconstrainedError"].includes(name) ? "none"
  : "busy";

/**
 * Looks through the camera until it is ended, and shows in `video` what it sees: `told` gets the texts of each picture that has
 * codes, or once why that cannot go on. Nothing of it is kept, and nobody else gets it. Returns how to end it.
 */
export const watch = (video, side, told) => {
  let stream;
  let ended = false;
  let eyes = reader();
  const end = () => {
    ended = true;
    eyes.end();
    document.removeEventListener("visibilitychange", hidden);
    stream?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
  const fail = (why) => {
    if (ended) return;
    end();
    told(why);
  };
  // Nobody is looked at by a page that nobody sees.
  const hidden = () => document.hidden && fail("hidden");
  const run = async () => {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment" } });
    if (ended) return end();
    document.addEventListener("visibilitychange", hidden);
    stream.getTracks().forEach((track) => (track.onended = () => fail("busy")));
    video.srcObject = stream;
    await video.play();
    while (!ended) {
      const { videoWidth: width, videoHeight: height } = video;
      const { over, cancel } = deadline();
      try {
        const found = width && height ? await eyes.ask(over, ...pixels(video, width, height, side)) : [];
        if (!ended && found?.length) told(found);
        // In the next picture there may be less to look for.
        if (!found && !ended) {
          eyes.end();
          eyes = reader();
        }
      } finally {
        cancel();
      }
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    }
  };
  run().catch((fault) => fail(fault === "module" ? "module" : blind(fault)));
  return end;
};
