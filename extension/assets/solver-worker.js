// One worker of a search: steps, tells, and is terminated by whoever started it.
import init, { Solver } from "./wasm/solver.js";

const ready = init();

onmessage = async ({ data: { header, target, number, step } }) => {
  await ready;
  const solver = new Solver(header, target, number);
  for (let solved; !solved; ) {
    solved = solver.step(step);
    postMessage({ tries: solver.tries, solved });
  }
  solver.free();
};
