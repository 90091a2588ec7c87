// What the page costs, as a table for docs/page.md: cargo xtask web --measure
//
// VHAULT_NATIVE is the program of web/examples/measure.rs, for the same work
// without a browser; VHAULT_SITE the folder of the page, for what it weighs.

import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { randomFillSync } from "node:crypto";
import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { PAGE, choose, launch, open, renderers } from "./browser.mjs";
import { sealed, sparse } from "./vhd.mjs";

const folder = mkdtempSync(join(tmpdir(), "vhault-measure-"));
const rows = [];
const note = (what, value) => { rows.push(`| ${what} | ${value} |`); };
const median = (numbers) => numbers.sort((left, right) => left - right)[Math.floor(numbers.length / 2)];
const ms = (number) => `${Math.round(number)} ms`;
const mebibytes = (bytes, seconds) => `${seconds.toFixed(1)} s, ${Math.round(bytes / 2 ** 20 / seconds)} MiB/s`;

// A gibibyte, every other mebibyte noise.
function gibibyte() {
  const path = join(folder, "disk.vhd");
  const out = openSync(path, "w");
  const noise = Buffer.alloc(1 << 20);
  for (let at = 0; at < 1024; at += 1) {
    if (at % 2) randomFillSync(noise); else noise.fill(0);
    writeSync(out, noise);
  }
  writeSync(out, sealed(1n << 30n));
  closeSync(out);
  return path;
}

// A disk larger than memory, all of it a hole.
function larger() {
  const bytes = Math.ceil(totalmem() * 1.25 / 2 ** 30) * 2 ** 30;
  const path = join(folder, "larger.vhd");
  return [sparse(path, BigInt(bytes)), bytes];
}

function weigh() {
  const site = process.env.VHAULT_SITE;
  if (!site) return;
  const assets = readdirSync(site).find((name) => name.startsWith("assets-"));
  const sums = { first: 0, simulator: 0, worker: 0 };
  const weight = (path) => brotliCompressSync(readFileSync(path)).length;
  for (const name of readdirSync(join(site, assets))) {
    const of = name.startsWith("simulator") ? "simulator" : /worker/.test(name) ? "worker" : "first";
    sums[of] += weight(join(site, assets, name));
  }
  sums.first += weight(join(site, "index.html")) + weight(join(site, "offline.js"));
  for (const [of, bytes] of Object.entries(sums)) note(`on the wire with brotli: ${of}`, `${bytes.toLocaleString("en")} bytes`);
}

// Reads until it is whole, or for so many milliseconds.
async function read(page, limit) {
  await page.getByRole("tab", { name: "Content" }).click();
  const first = renderers();
  let most = first;
  const watch = setInterval(() => { most = Math.max(most, renderers()); }, 200);
  const began = performance.now();
  await page.getByRole("button", { name: "Start reading" }).click();
  const whole = await page.locator("code.hash").waitFor({ timeout: limit }).then(() => true, () => false);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  const done = whole ? 1 : await page.locator("progress").evaluate((bar) => bar.value / bar.max);
  return { seconds, done, memory: most - first };
}

const browser = await launch();
try {
  weigh();
  for (const [hash, name] of [["", "the first view"], ["#/sim", "the simulator"]]) {
    const loads = [];
    for (let round = 0; round < 5; round += 1) {
      const view = await open(browser, { hash });
      loads.push(await view.page.evaluate(() => ({
        paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
        shown: performance.now(),
      })));
      await view.close();
    }
    note(`${name}: first paint, and shown and usable, medians of 5`, `${ms(median(loads.map((load) => load.paint)))}, ${ms(median(loads.map((load) => load.shown)))}`);
  }

  const path = gibibyte();
  const view = await open(browser);
  const { page } = view;
  await page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });
  await choose(page, [path]);
  const gib = await read(page, 900_000);
  const tasks = await page.evaluate(() => globalThis.longTasks);
  const hash = await page.locator("code.hash").innerText();
  note("1 GiB read, hashed twice, deduplicated and compressed, in the page", mebibytes(2 ** 30, gib.seconds));
  note("tasks of the page longer than 50 ms meanwhile", tasks.length ? `${tasks.length}, the longest ${ms(Math.max(...tasks))}` : "none");
  note("memory of all renderers that this added", `${gib.memory} MiB`);
  await view.close();
  if (process.env.VHAULT_NATIVE) {
    const began = performance.now();
    const told = execFileSync(process.env.VHAULT_NATIVE, [path], { encoding: "utf8" });
    if (!told.startsWith(hash)) throw new Error(`two hashes of one disk: ${hash} and ${told}`);
    note("the same natively, one thread; the same hash", mebibytes(2 ** 30, (performance.now() - began) / 1000));
  }
  rmSync(path);

  const [large, bytes] = larger();
  const second = await open(browser);
  const began = performance.now();
  await choose(second.page, [large]);
  note(`a disk of ${bytes / 2 ** 30} GiB, memory having ${Math.round(totalmem() / 2 ** 30)}: looked into after`, ms(performance.now() - began));
  const part = await read(second.page, 120_000);
  note(`of it read in at most two minutes, and memory added`, `${Math.round(part.done * bytes / 2 ** 30)} GiB, ${part.memory} MiB`);
  await second.close();
  console.log(`${cpus().length} processors, ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}; Chromium ${browser.version()}; ${PAGE}\n`);
  console.log(`| what | how much |\n| --- | --- |\n${rows.join("\n")}`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
