// QR codes: draws one, and looks for some in a picture that the user has chosen. A picture's size is known before it is
// decoded: one that is too large is not, and of the others no more pixels are taken than are of use.
import { deadline, pixels, reader } from "./codes-reader.js";

export { watch } from "./codes-camera.js";

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
