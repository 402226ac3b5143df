// The engines of the solver document: workers that take pieces from one desk. What is to be done, and in which
// order, the module `solver` decides; here are workers, timers and nothing else.
import init, { Desk, choose } from "./wasm/solver.js";

/** Pieces that a worker has: the next lies ready when one is done. */
const PIECES = 2;
/** Work after which a rate is worth remembering, and for which each engine is measured. */
const MEASURED_MS = 1000;
/** A device that is not ready by then is given up. */
const READY_MS = 30_000;
/** How often a worker that dies is started again. */
const RESTARTS_MAX = 3;
/** A job to measure with, which nothing solves. */
const TRIAL = { job: "trial", header: "00".repeat(64), target: `${"0".repeat(63)}1`, expiresAt: 8e15 };

await init();
const [random] = crypto.getRandomValues(new Uint32Array(1));
const desk = new Desk(random);

let policy = { engine: "automatic", onBattery: "ask", known: [] };
let onBattery = false;
/** The kind that works alone, while it is measured. @type {string | undefined} */
let trial;
/** Workers. @type {Set<any>} */
const units = new Set();
/** Kinds that do not work here, and why; empty where there is none. @type {Map<string, string>} */
const broken = new Map();
/** Kinds whose rate was told in this search. @type {Set<string>} */
const told = new Set();
let restarts = 0;
/** What the document does with news. @type {{solved: Function, measured: Function}} */
let listener;

const of = (kind) => [...units].filter((unit) => unit.kind === kind);
const known = (kind) => policy.known.find((engine) => engine.kind === kind);
const measured = (kind) => {
  const working = of(kind).filter((unit) => unit.ms >= MEASURED_MS);
  return working.length ? working.reduce((sum, unit) => sum + unit.rate, 0) : undefined;
};
const rate = (kind) => measured(kind) ?? known(kind)?.rate ?? undefined;

const report = (kind) => {
  const [unit] = of(kind).filter((it) => it.ready);
  if (!unit) return { kind, name: "", units: 0, software: false, rate: null, problem: broken.get(kind) ?? "It does not start." };
  return { kind, name: unit.name, units: of(kind).length, software: unit.software, rate: measured(kind) ?? null, problem: null };
};

/** Makes the workers those that are wanted. */
const arrange = () => {
  const gentle = onBattery && policy.onBattery !== "full";
  const [graphics] = of("graphics");
  const software = graphics?.ready ? graphics.software : known("graphics")?.software;
  const busy = desk.jobs.length > 0;
  const cores = Math.max(1, navigator.hardwareConcurrency || 1);
  let wanted = { processor: 0, graphics: 0 };
  if (busy && trial) wanted[trial] = trial === "graphics" ? 1 : cores;
  else if (busy) {
    const chosen = !broken.has("graphics") && choose(policy.engine, gentle, software, rate("graphics"), rate("processor"));
    // The processor works until the graphics device does, and beside it until that is known to be faster.
    const enough = chosen && graphics?.ready && (policy.engine === "graphics" || rate("graphics") > (rate("processor") ?? 0));
    wanted = { graphics: chosen ? 1 : 0, processor: enough ? 0 : gentle ? 1 : cores };
  }
  for (const kind of ["processor", "graphics"]) {
    const there = of(kind);
    for (const unit of there.slice(wanted[kind])) end(unit);
    if (!broken.has(kind)) for (let n = there.length; n < wanted[kind]; n++) start(kind);
  }
};

const start = (kind) => {
  const worker = new Worker("solver-worker.js", { type: "module" });
  const unit = { kind, worker, ready: false, name: "", software: false, span: 0, pieces: [], ms: 0, rate: 0 };
  units.add(unit);
  worker.onmessage = ({ data }) => hear(unit, data);
  worker.onerror = (event) => fail(unit, event.message || "The worker has ended.");
  worker.postMessage({ kind });
};

/** Ends a worker; what it has not done another does. */
const end = (unit) => {
  unit.worker.terminate();
  units.delete(unit);
  for (const piece of unit.pieces.splice(0)) {
    desk.failed(piece);
    piece.free();
  }
};

const fail = (unit, problem) => {
  if (!units.has(unit)) return;
  end(unit);
  // A graphics device opens itself again once; a processor that fails is most likely short of memory.
  if (unit.kind === "graphics" || ++restarts > RESTARTS_MAX) {
    broken.set(unit.kind, problem.slice(0, 100));
    if (problem) listener.measured([report(unit.kind)], false);
  }
  settle();
};

const hear = (unit, { ready, none, failed, position, span, ms }) => {
  if (!units.has(unit)) return;
  if (none) return fail(unit, "");
  if (failed !== undefined) return fail(unit, failed || "It does not work.");
  if (ready) {
    Object.assign(unit, ready, { ready: true });
    return settle();
  }
  const piece = unit.pieces.shift();
  const outcome = desk.done(piece, position, Date.now());
  unit.span = span;
  unit.ms += ms;
  // Of the last pieces mostly: a device changes its pace.
  const now = (piece.count * 1000) / Math.max(ms, 0.01);
  unit.rate = unit.rate ? unit.rate * 0.9 + now * 0.1 : now;
  piece.free();
  if (outcome?.wrong) return fail(unit, "It computes wrongly.");
  if (outcome?.solved) {
    listener.solved(outcome.job, outcome.challenge, outcome.solved);
    return settle();
  }
  if (!trial && !told.has(unit.kind) && measured(unit.kind) !== undefined) {
    told.add(unit.kind);
    listener.measured([report(unit.kind)], false);
    return settle();
  }
  feed(unit);
};

const feed = (unit) => {
  while (unit.ready && unit.pieces.length < PIECES) {
    const piece = desk.take(unit.span, Date.now());
    if (!piece) return;
    unit.pieces.push(piece);
    const { header, target, worker, first, count } = piece;
    unit.worker.postMessage({ header, target, worker, first, count });
  }
};

const settle = () => {
  arrange();
  for (const unit of units) feed(unit);
};

/** Begins: `solved(job, header, solvedHeader)` and `measured(reports, complete)` are told news. */
export const begin = (news) => void (listener = news);

/** Works on these jobs and no others. */
export const work = (jobs, how) => {
  policy = how;
  if (!jobs.length) told.clear();
  const names = jobs.map(({ job }) => job);
  desk.keep(trial ? [...names, TRIAL.job] : names);
  for (const { job, header, target, expiresAt } of jobs) desk.order(job, header, target, expiresAt);
  settle();
};

/** Tries and rate of every job. */
export const progress = () =>
  desk.jobs.filter((job) => job !== TRIAL.job).map((job) => {
    const now = desk.progress(job, Date.now());
    const { tries, rate } = now;
    now.free();
    return { job, tries, rate };
  });

export const setPower = (battery) => {
  onBattery = battery;
  settle();
};

const until = async (done) => {
  for (let waited = 0; waited < READY_MS && !done(); waited += 50) await new Promise((next) => setTimeout(next, 50));
};

/** Lets each kind of engine work alone for a while. */
export const measure = async () => {
  if (trial) return;
  const reports = [];
  for (const kind of ["processor", "graphics"]) {
    trial = kind;
    broken.delete(kind);
    const { job, header, target, expiresAt } = TRIAL;
    desk.order(job, header, target, expiresAt);
    settle();
    await until(() => broken.has(kind) || of(kind).every((unit) => unit.ms >= MEASURED_MS));
    // A browser without such a device has nothing to report.
    if (broken.get(kind) !== "") reports.push(report(kind));
  }
  trial = undefined;
  desk.keep(desk.jobs.filter((job) => job !== TRIAL.job));
  listener.measured(reports, true);
  settle();
};
