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
  const { read } = await load();
  for (const side of sides) {
    const scale = Math.min(1, side / Math.max(width, height));
    const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
    const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true });
    // What is transparent is white: that is how such a picture is seen.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, w, h);
    context.drawImage(image, 0, 0, w, h);
    const found = read(w, h, context.getImageData(0, 0, w, h).data);
    if (found.length) return found;
  }
  return [];
};
