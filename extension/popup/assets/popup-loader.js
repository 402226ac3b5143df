// Starts the popup's WASM module, and lends it the dynamic import that WASM cannot do itself.
import init from "./wasm/popup.js";

globalThis.loadStrength = async () => {
  const strength = await import("./wasm/strength.js");
  await strength.default();
  return strength;
};
globalThis.loadCodes = () => import("./codes.js");
globalThis.loadExchange = () => import("./exchange.js");
await init();
