// Runs the simulator in WebAssembly and natively, and holds one against the
// other byte for byte: every ready scenario, and random commands by seed.
//
//   node compare.mjs MODULE.wasm VHAULT FIRST-SEED SEEDS COMMANDS

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Seeds of one call, so that a difference is named soon. */
const SEEDS_AT_ONCE = 10;

const [modulePath, program, ...numbers] = process.argv.slice(2);
const [firstSeed, seeds, commands] = numbers.map(Number);
if (![firstSeed, seeds, commands].every(Number.isSafeInteger)) {
  throw new Error("node compare.mjs MODULE.wasm VHAULT FIRST-SEED SEEDS COMMANDS");
}

const compiled = new WebAssembly.Module(readFileSync(modulePath));
const wanted = WebAssembly.Module.imports(compiled).map(({ module, name }) => `${module}.${name}`);
if (wanted.length > 0) {
  fail(`the module asks its host for ${wanted.join(", ")}; core must ask for nothing`);
}
const wasm = new WebAssembly.Instance(compiled).exports;

function fail(why) {
  console.error(why);
  process.exit(1);
}

/** Gives `text` to the module, calls it, and takes its answer. */
function ask(call, text, ...rest) {
  if (text !== undefined) {
    const bytes = new TextEncoder().encode(text);
    const at = wasm.room(bytes.length);
    new Uint8Array(wasm.memory.buffer, at, bytes.length).set(bytes);
  }
  const length = wasm[call](...rest);
  return Buffer.from(new Uint8Array(wasm.memory.buffer, wasm.answer() >>> 0, length));
}

function natively(...args) {
  try {
    return execFileSync(program, args, { maxBuffer: 1 << 28 });
  } catch (error) {
    return fail(`vhault ${args.join(" ")}: ${error.message}`);
  }
}

/** Ends with the first line in which two texts differ. */
function same(what, native, inWasm) {
  if (native.equals(inWasm)) return;
  const [left, right] = [native, inWasm].map((text) => text.toString().split("\n"));
  const line = left.findIndex((text, number) => text !== right[number]);
  const at = line < 0 ? left.length : line;
  const shown = (text) => (text === undefined ? "(nothing)" : text.slice(0, 2000));
  fail(`${what}, line ${at + 1} differs\n  native: ${shown(left[at])}\n  wasm:   ${shown(right[at])}`);
}

const scratch = mkdtempSync(join(tmpdir(), "vhault-wasm-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const names = ask("names").toString().trim().split("\n");
const listed = JSON.parse(natively("sim", "scenarios", "--json")).map(({ name }) => name);
same("the list of scenarios", Buffer.from(listed.join("\n")), Buffer.from(names.join("\n")));

let events = 0;
for (const name of names) {
  const file = natively("sim", "scenarios", "--export", name);
  same(`the file of ${name}`, file, ask("export", name));
  const path = join(scratch, "scenario.json");
  writeFileSync(path, file);
  const log = natively("sim", "run", path);
  same(`the log of ${name}`, log, ask("run", file.toString()));
  const report = natively("sim", "replay", path, "--json");
  same(`the replay of ${name}`, report, ask("replay", file.toString()));
  events += JSON.parse(report).events;
}

let random = 0;
let randomEvents = 0;
for (let seed = firstSeed; seed < firstSeed + seeds; seed += SEEDS_AT_ONCE) {
  const count = Math.min(SEEDS_AT_ONCE, firstSeed + seeds - seed);
  const words = ["--seed", seed, "--seeds", count, "--commands", commands].map(String);
  const reports = natively("sim", "fuzz", ...words, "--json");
  same(`seeds ${seed} to ${seed + count - 1}`, reports, ask("random", undefined, seed, count, commands));
  for (const report of JSON.parse(reports)) {
    random += 1;
    randomEvents += report.events;
  }
}
console.log(
  `${names.length} scenarios of ${events} events and ${random} random runs of ${randomEvents} events: same bytes`,
);
