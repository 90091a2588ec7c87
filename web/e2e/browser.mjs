// A browser, and what every test of the page asks of it: no error in the
// console, no request to anyone but the page's own origin.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.VHAULT_CHROMIUM ?? "/usr/bin/chromium";
const AXE = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
export const PAGE = process.env.VHAULT_PAGE ?? "http://127.0.0.1:8080/";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

// A page of its own context, with all it does noted down.
export async function open(browser, { width = 1280, height = 900, lang = "en", theme = "light", hash = "", motion, before, serviceWorkers = "allow" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, locale: lang, acceptDownloads: true, reducedMotion: motion, serviceWorkers,
  });
  await context.addInitScript(([lang, theme]) => {
    try {
      localStorage.setItem("vhault.lang", localStorage.getItem("vhault.lang") ?? lang);
      localStorage.setItem("vhault.theme", localStorage.getItem("vhault.theme") ?? theme);
    } catch {
      // Storage is denied.
    }
  }, [lang, theme]);
  // What a test takes away from the browser before the page is there.
  if (before) await context.addInitScript(before);
  const page = await context.newPage();
  const said = [];
  const asked = [];
  page.on("console", (message) => { if (message.type() === "error") said.push(message.text()); });
  page.on("pageerror", (error) => said.push(String(error)));
  context.on("request", (request) => asked.push(request.url()));
  await page.goto(PAGE + hash);
  await page.locator("h1:visible").first().waitFor();
  await page.locator("header.head").waitFor();
  return {
    page,
    context,
    said,
    async close() {
      const origin = new URL(PAGE).origin;
      const away = asked.filter((url) => !url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:" + origin));
      await context.close();
      assert.deepEqual(away, [], "a request left the origin");
      assert.deepEqual(said, [], "the console has errors");
    },
  };
}

// All memory that the browser's pages and their workers take by themselves, in
// MiB. Shared pages are counted in part; other browsers of this machine count too.
export function renderers() {
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

// Results as they are now are marked, so that only new ones are waited for.
async function renewed(page, act) {
  await page.evaluate(() => document.querySelectorAll("main > div > section > *").forEach((old) => { old.dataset.old = "1"; }));
  await act();
  await page.waitForFunction(() => {
    const results = [...document.querySelectorAll("main > div > section[aria-busy=false] > *")];
    return results.length > 0 && results.every((result) => !result.dataset.old);
  });
}

export async function sample(page, place) {
  await renewed(page, () => page.locator(".samples button").nth(place).click());
}

export async function choose(page, files) {
  await renewed(page, () => page.locator(".drop input[type=file]").setInputFiles(files));
}

export async function saved(page, locator) {
  const [download] = await Promise.all([page.waitForEvent("download"), locator.click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

// What axe finds on the page as it is.
export async function violations(page) {
  // The tool is handed to the page from outside; the page's policy stays.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  // Words in the colour of their ground are no violation to the tool, since they may be meant to be hidden: not here.
  const isUnseen = (node) => node.any.some((check) => check.data?.messageKey === "equalRatio");
  const unseen = found.incomplete.map((rule) => ({ id: `${rule.id}, unseen`, nodes: rule.nodes.filter(isUnseen) }));
  const all = [...found.violations, ...unseen.filter((rule) => rule.nodes.length > 0)];
  return all.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

// By how many pixels the page is wider than the screen.
export const overWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
