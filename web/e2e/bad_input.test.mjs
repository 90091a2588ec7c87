// What goes wrong outside of the page: always a message, never a blank page.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, launch, open, sample } from "./browser.mjs";
import { sealed } from "./vhd.mjs";

const CHAIN = 2;
let browser;
let folder;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "vhault-page-bad-"));
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

test("without workers the page says so", async () => {
  const view = await open(browser, { before: () => { globalThis.Worker = class { constructor() { throw new Error("denied"); } }; } });
  await view.page.locator(".samples button").first().click();
  await view.page.locator(".notice").getByText("could not be started or stopped").waitFor();
  await view.close();
});

test("where storage is denied, nothing is kept and all else works", async () => {
  const view = await open(browser, {
    before: () => {
      const denied = { get() { throw new DOMException("denied", "SecurityError"); } };
      Object.defineProperty(globalThis, "localStorage", denied);
      Object.defineProperty(globalThis, "caches", denied);
    },
  });
  await view.page.getByLabel("Language").selectOption("ko");
  await sample(view.page, CHAIN);
  assert.equal(await view.page.locator("article.card").count(), 1);
  await view.close();
});

test("a file of three terabytes that is no disk is refused at once", async () => {
  const view = await open(browser);
  const path = join(folder, "huge.vhd");
  writeFileSync(path, "");
  truncateSync(path, 3 * 2 ** 40);
  await choose(view.page, [path]);
  await view.page.getByText("Could not be read as a VHD").waitFor();
  await view.close();
});

test("a file that went away, and nothing at all, are messages", async () => {
  const view = await open(browser);
  const path = join(folder, "gone.vhd");
  writeFileSync(path, Buffer.alloc(1 << 16, 1));
  await view.page.locator(".drop input[type=file]").setInputFiles(path);
  await view.page.getByText("Could not be read as a VHD").waitFor();
  rmSync(path);
  await view.page.locator(".drop").evaluate((drop) => {
    drop.dispatchEvent(new DragEvent("drop", { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true }));
  });
  await view.page.getByText("Folders are not opened").waitFor();
  await view.close();
});

test("a tab that slept for an hour goes on", async () => {
  const view = await open(browser);
  const { page } = view;
  await page.clock.install();
  const path = join(folder, "long.raw.vhd");
  writeFileSync(path, "");
  truncateSync(path, 600 << 20);
  writeFileSync(path, sealed(600n << 20n), { flag: "a" });
  await choose(page, [path]);
  await page.getByRole("tab", { name: "Content" }).click();
  await page.getByRole("button", { name: "Start reading" }).click();
  await page.clock.fastForward("01:00:00");
  await page.getByText("BLAKE3 of the disk").waitFor({ timeout: 100_000 });
  await view.close();
});

test("two disks are read at once, and each has its own answer", async () => {
  const view = await open(browser);
  const { page } = view;
  const paths = ["one", "two"].map((name, place) => {
    const path = join(folder, `${name}.vhd`);
    const size = (200 + place) << 20;
    writeFileSync(path, Buffer.alloc(4 << 20, place + 1));
    truncateSync(path, size);
    writeFileSync(path, sealed(BigInt(size)), { flag: "a" });
    return path;
  });
  await choose(page, paths);
  const cards = page.locator("article.card");
  for (const card of await cards.all()) {
    await card.getByRole("tab", { name: "Content" }).click();
    await card.getByRole("button", { name: "Start reading" }).click();
  }
  const hashes = [];
  for (const card of await cards.all()) hashes.push(await card.locator("code.hash").innerText({ timeout: 100_000 }));
  assert.equal(new Set(hashes).size, 2);
  await view.close();
});
