// Pictures of every view, at three widths, in all themes and both languages,
// for a person to look at: cargo xtask web --pictures FOLDER
//
// One sheet a view as well, with all its pictures beside each other.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { choose, launch, open, sample } from "./browser.mjs";
import { sparse } from "./vhd.mjs";

const [folder = "pictures", only] = process.argv.slice(2);
const WIDTHS = [390, 768, 1280];
const CHAIN = 2;
const TORN = 6;
mkdirSync(folder, { recursive: true });
// Too much for a night's window, and no room on this disk.
const scratch = mkdtempSync(join(tmpdir(), "vhault-pictures-"));
const large = sparse(join(scratch, "large.vhd"), 3n << 40n);
const browser = await launch();

async function inspector(view, shoot) {
  const { page } = view;
  await shoot("start");
  await sample(page, TORN);
  await shoot("damage");
  await sample(page, CHAIN);
  for (const [place, name] of ["overview", "map", "fields", "content"].entries()) {
    await page.getByRole("tab").nth(place).click();
    if (name === "content") {
      await page.locator("[role=tabpanel]:not([hidden]) > .primary").click();
      await page.locator("code.hash").waitFor();
    }
    await shoot(name);
  }
  await choose(page, [large]);
  await shoot("advice");
  await sample(page, CHAIN);
  await page.evaluate(() => { location.hash = "#/compare"; });
  await page.locator("main > div:not([hidden]) .form .primary").click();
  await page.locator("main > div:not([hidden]) article.card").waitFor();
  await shoot("compare");
  await page.evaluate(() => { location.hash = "#/kit"; });
  await page.getByRole("grid").waitFor();
  await shoot("kit");
  await page.keyboard.press("Control+k");
  await page.locator(".palette[open]").waitFor();
  await shoot("palette");
}

// One day of the first scenario, and each view of it.
async function simulator(view, shoot) {
  const { page } = view;
  await page.locator("[data-scenario] button").nth(1).click();
  await page.locator(".sim .seek button:disabled").waitFor({ timeout: 60_000 }).catch(() => undefined);
  const links = await page.locator(".sim .views a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  for (const hash of [...links, "#/sim/trouble/BKP-13"]) {
    await page.evaluate((hash) => { location.hash = hash; }, hash);
    await page.locator(".sim").waitFor();
    await page.waitForTimeout(100);
    await shoot(hash.slice(2).replaceAll("/", "-").toLowerCase());
  }
}

for (const lang of ["en", "ko"]) {
  for (const theme of ["light", "dark", "contrast"]) {
    for (const width of WIDTHS) {
      for (const [walk, hash] of [[inspector, ""], [simulator, "#/sim"]]) {
        if (only && walk.name !== only) continue;
        const view = await open(browser, { lang, theme, width, hash, motion: "reduce" });
        await walk(view, (name) => view.page.screenshot({ path: join(folder, `${name}.${lang}-${theme}-${width}.png`), fullPage: true }));
        await view.close();
      }
    }
  }
}

const pictures = readdirSync(folder).filter((name) => /-\d+\.png$/.test(name));
const context = await browser.newContext({ viewport: { width: 2400, height: 1200 } });
const page = await context.newPage();
for (const name of new Set(pictures.map((picture) => picture.split(".")[0]))) {
  const own = pictures.filter((picture) => picture.startsWith(`${name}.`)).sort();
  const figures = own.map((picture) => `<figure><img src="${picture}" height="900"><figcaption>${picture}</figcaption></figure>`);
  const sheet = join(folder, `${name}.html`);
  writeFileSync(sheet, `<!doctype html><meta charset="utf-8"><style>body{display:flex;flex-wrap:wrap;gap:8px;margin:8px;font:12px sans-serif}figure{margin:0}</style>${figures.join("")}`);
  await page.goto(pathToFileURL(resolve(sheet)).href);
  await page.screenshot({ path: join(folder, `sheet-${name}.png`), fullPage: true });
}
await browser.close();
rmSync(scratch, { recursive: true });
console.log(`${pictures.length} pictures in ${folder}`);
