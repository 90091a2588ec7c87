// What the page costs, as a table for docs/page.md: node measure.mjs [FILE]
//
// FILE is a fixed VHD to read whole; without it one of a gibibyte is made,
// half of it noise. To compare: cargo run --release -p vhault-web --example measure FILE

import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { randomFillSync } from "node:crypto";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { PAGE, choose, launch, open } from "./browser.mjs";
import { sealed } from "./vhd.mjs";

const folder = mkdtempSync(join(tmpdir(), "vhault-measure-"));
const rows = [];
const note = (what, value) => { rows.push(`| ${what} | ${value} |`); };
const median = (numbers) => numbers.sort((left, right) => left - right)[Math.floor(numbers.length / 2)];

function image() {
  if (process.argv[2]) return process.argv[2];
  const vhd = join(folder, "disk.vhd");
  const out = openSync(vhd, "w");
  const noise = Buffer.alloc(1 << 20);
  for (let at = 0; at < 1024; at += 1) {
    if (at % 2) randomFillSync(noise); else noise.fill(0);
    writeSync(out, noise);
  }
  writeSync(out, sealed(1n << 30n));
  closeSync(out);
  return vhd;
}

// All memory of the browser's own processes, in MiB.
function memory() {
  let kib = 0;
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!/type=renderer/.test(readFileSync(`/proc/${name}/cmdline`, "utf8"))) continue;
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/smaps_rollup`, "utf8"))?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return Math.round(kib / 1024);
}

const browser = await launch();
try {
  const loads = [];
  for (let round = 0; round < 5; round += 1) {
    const view = await open(browser);
    loads.push(await view.page.evaluate(() => ({
      paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
      shown: performance.now(),
      bytes: performance.getEntriesByType("resource").reduce((sum, entry) => sum + entry.decodedBodySize, 0),
    })));
    await view.close();
  }
  note("first paint after the address was typed, median of 5", `${Math.round(median(loads.map((load) => load.paint)))} ms`);
  note("page shown and usable", `${Math.round(median(loads.map((load) => load.shown)))} ms`);

  const path = image();
  const size = statSync(path).size;
  const view = await open(browser);
  const { page } = view;
  await page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });
  const before = memory();
  await choose(page, [path]);
  await page.getByRole("tab", { name: "Content" }).click();
  let most = 0;
  const watch = setInterval(() => { most = Math.max(most, memory()); }, 100);
  const began = performance.now();
  await page.getByRole("button", { name: "Start reading" }).click();
  await page.getByText("BLAKE3 of the disk").waitFor({ timeout: 600_000 });
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  const tasks = await page.evaluate(() => globalThis.longTasks);
  note(`read, hashed twice, deduplicated and compressed: ${(size / 2 ** 30).toFixed(1)} GiB`, `${seconds.toFixed(1)} s, ${Math.round(size / 2 ** 20 / seconds)} MiB/s`);
  note("tasks of the page longer than 50 ms meanwhile", tasks.length ? `${tasks.length}, the longest ${Math.round(Math.max(...tasks))} ms` : "none");
  note("its hash", `\`${await page.locator("code.hash").innerText()}\``);
  note("memory of all renderers, before and at most", `${before} and ${most} MiB`);
  await view.close();
  console.log(`${cpus().length} processors, ${cpus()[0].model}; ${browser.version()}; ${PAGE}\n`);
  console.log(`| what | how much |\n| --- | --- |\n${rows.join("\n")}`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
