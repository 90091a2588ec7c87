// How long frames take while a simulation plays: node frames.mjs [MACHINES...]
//
// A world of so many machines is made, its nights played at six hours a second
// for some seconds in each view, and the time between frames written down.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { PAGE, launch, open } from "./browser.mjs";

const SECONDS = 6;
const sizes = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "vhault-frames-"));

// Machines in groups of four, protected by a policy of every night.
function scenario(machines) {
  const names = Array.from({ length: machines }, (_, place) => `g${Math.floor(place / 4)}/vm${String(place).padStart(3, "0")}`);
  const vm = (name) => ({ "create-vm": {
    vm: name, region: "west", account: "disks", model: "resource-manager", os: "windows",
    disks: [{ lun: -1, capacity_gb: 127, used_gb: 20, image: 0, churn_mb_per_day: 500 }],
  } });
  const ask = (vault, command) => ({ vault: { vault, command } });
  // A vault takes two hundred machines.
  const vaults = names.filter((_, place) => place % 200 === 0).map((_, place) => ({ name: `vault${place}`, items: names.slice(place * 200, place * 200 + 200) }));
  const policy = {
    schedule: { days: "daily", times: ["22:00"], offset: "+00:00" },
    retention: { ranges: { daily_days: 7, weekly: null, monthly: null, yearly: null } }, copy_window: null,
  };
  const commands = [
    { "add-region": "west" }, { "set-group-quota": 1000 },
    { "set-account": { name: "disks", region: "west", tier: "standard", replication: "lrs", online: true } },
    ...vaults.map(({ name }) => ({ "create-vault": { name, region: "west", profile: "recovery-services-2016" } })),
    ...names.map(vm),
    ...vaults.flatMap(({ name, items }) => [ask(name, { "create-policy": { name: "night", policy } }), ask(name, { protect: { items, policy: "night" } })]),
    { wait: { minutes: 60 } },
  ];
  const steps = commands.map((command) => ({ command }));
  const start = 1_472_198_400_000;
  return { version: 1, name: `frames-${machines}`, title: { en: `${machines} machines`, ko: `머신 ${machines}대` }, genesis: { seed: 1, start }, steps };
}

async function measure(page, hash) {
  await page.evaluate((hash) => { location.hash = hash; }, hash);
  await page.locator(".sim h1").waitFor();
  await page.locator(".play").click();
  const taken = await page.evaluate(async (seconds) => {
    const [gaps, long] = [[], []];
    const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration)));
    watch.observe({ type: "longtask" });
    await new Promise((done) => {
      const began = performance.now();
      let last = began;
      const tick = (now) => {
        gaps.push(now - last);
        last = now;
        if (now - began < seconds * 1000) requestAnimationFrame(tick); else done();
      };
      requestAnimationFrame(tick);
    });
    watch.disconnect();
    return { gaps: gaps.slice(1).sort((left, right) => left - right), long };
  }, SECONDS);
  await page.locator(".play").click();
  const at = (share) => taken.gaps[Math.min(taken.gaps.length - 1, Math.floor(taken.gaps.length * share))].toFixed(1);
  return { frames: taken.gaps.length, median: at(0.5), p95: at(0.95), long: taken.long.length, longest: Math.round(Math.max(0, ...taken.long)) };
}

const browser = await launch();
try {
  console.log(`${cpus().length} processors, ${cpus()[0].model}; ${browser.version()}; ${PAGE}; load ${loadavg()[0].toFixed(1)}\n`);
  console.log("| machines | view | frames in 6 s | median | 95 % | tasks over 50 ms | longest |\n| --- | --- | --- | --- | --- | --- | --- |");
  for (const machines of sizes.length ? sizes : [10, 100, 500]) {
    const view = await open(browser, { hash: "#/sim" });
    const { page } = view;
    const path = join(folder, `${machines}.json`);
    writeFileSync(path, JSON.stringify(scenario(machines)));
    await page.locator(".share input[type=file]").setInputFiles(path);
    await page.locator(".time .name", { hasText: `${machines} machines` }).waitFor();
    // What is opened runs to its end by itself.
    await page.locator(".sim .seek button:disabled").waitFor({ timeout: 300_000 });
    await page.locator(".time select").selectOption("4");
    for (const hash of ["#/sim/dashboard", "#/sim/jobs", "#/sim/timeline", "#/sim/topology"]) {
      const got = await measure(page, hash);
      console.log(`| ${machines} | ${hash.slice(6)} | ${got.frames} | ${got.median} ms | ${got.p95} ms | ${got.long} | ${got.longest} ms |`);
    }
    await view.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
