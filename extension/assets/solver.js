// The memory of the solver document, in WASM.
import init, { Document } from "./wasm/solver.js";

await init();
const [random] = crypto.getRandomValues(new Uint32Array(1));

export default new Document(random, navigator.hardwareConcurrency || 1);
