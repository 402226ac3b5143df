// QR codes before the camera.
import { deadline, pixels, reader } from "./codes-reader.js";

const LOOK_EVERY_MS = 150;

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
    document.addEventListener("visibilitychange", hidden);
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment" } });
    if (ended) return end();
    if (document.hidden) return fail("hidden");
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
