// The parts of `page/` as one script, as `cargo xtask build` makes it: for tests and tools.
import { readFileSync } from "node:fs";

const part = (name) => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");

/** @returns {string} */
export const joined = () => `(() => {\n${JSON.parse(part("parts.json")).map((name) => part(`${name}.js`)).join("\n")}})();\n`;
