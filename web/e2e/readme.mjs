// The pictures of README and docs, drawn anew: cargo xtask web --readme

import { join } from "node:path";
import { launch, open, sample } from "./browser.mjs";
import { go, showCopy, toEnd } from "./sim.mjs";

const [folder] = process.argv.slice(2);
const CHAIN = 2;
const browser = await launch();

async function draw(name, options, walk) {
  const { height, ...rest } = options;
  const view = await open(browser, { motion: "reduce", width: 1280, height: height ?? 900, ...rest });
  await walk(view.page);
  await view.page.screenshot({ path: join(folder, `${name}.png`), fullPage: !height });
  await view.close();
}

async function content(page) {
  await sample(page, CHAIN);
  await page.getByRole("tab").nth(3).click();
  await page.locator("[role=tabpanel]:not([hidden]) > .primary").click();
  await page.locator("code.hash").waitFor();
}

const shown = (hash, scenario) => async (page) => {
  await toEnd(page, scenario);
  await go(page, hash);
  await page.locator(".sim h1").waitFor();
};

async function lesson(page) {
  await page.locator(".show-me").click();
  await page.locator('.lesson-state[data-state="raised"]').waitFor();
}

await draw("inspect", {}, async (page) => {
  await sample(page, CHAIN);
  await page.getByRole("tab").nth(1).click();
});
await draw("content", {}, content);
await draw("content-ko", { lang: "ko", theme: "dark" }, content);
await draw("lesson", { hash: "#/sim/trouble/BKP-04" }, lesson);
await draw("lesson-ko", { lang: "ko", hash: "#/sim/trouble/BKP-04" }, lesson);
await draw("copy", { height: 1500, theme: "dark", hash: "#/sim/trouble/BKP-13" }, showCopy);
await draw("copy-ko", { height: 1500, lang: "ko", hash: "#/sim/trouble/BKP-13" }, showCopy);
await draw("timeline", { hash: "#/sim" }, shown("#/sim/timeline", "six-disks"));
await draw("dashboard-ko", { lang: "ko", theme: "dark", hash: "#/sim" }, shown("#/sim/dashboard", "six-disks"));
await browser.close();
