// Pictures of the page, for a person to look at: node pictures.mjs FOLDER

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, open, sample } from "./browser.mjs";

const folder = process.argv[2] ?? "pictures";
mkdirSync(folder, { recursive: true });
const browser = await launch();
for (const [lang, theme, width] of [
  ["en", "light", 1280], ["ko", "dark", 1280], ["ko", "light", 390], ["en", "dark", 390],
  ["en", "light", 768], ["en", "contrast", 1280],
]) {
  const view = await open(browser, { lang, theme, width });
  const shoot = (name) => view.page.screenshot({ path: join(folder, `${name}-${lang}-${theme}-${width}.png`), fullPage: true });
  await shoot("start");
  await sample(view.page, 2);
  for (const [place, name] of [[0, "overview"], [1, "map"], [2, "fields"], [3, "content"]]) {
    await view.page.getByRole("tab").nth(place).click();
    if (name === "content") {
      await view.page.locator("[role=tabpanel]:not([hidden]) > .primary").click();
      await view.page.locator("code.hash").waitFor();
    }
    await shoot(name);
  }
  await view.page.evaluate(() => { location.hash = "#/compare"; });
  await view.page.locator("main > div:not([hidden]) .form .primary").click();
  await view.page.locator("main > div:not([hidden]) article.card").waitFor();
  await shoot("compare");
  await view.page.evaluate(() => { location.hash = "#/kit"; });
  await shoot("kit");
  await view.close();
}
await browser.close();
