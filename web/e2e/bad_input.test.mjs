// What goes wrong outside of the page: always a message, never a blank page.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PAGE, choose, launch, open, sample } from "./browser.mjs";
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

// A fixed disk of `mebibytes`, the first four of them bytes of `fill`.
function disk(name, mebibytes, fill = 1) {
  const path = join(folder, name);
  writeFileSync(path, Buffer.alloc(4 << 20, fill));
  truncateSync(path, mebibytes << 20);
  writeFileSync(path, sealed(BigInt(mebibytes) << 20n), { flag: "a" });
  return path;
}

async function hash(page) {
  await page.getByRole("tab", { name: "Content" }).click();
  await page.getByRole("button", { name: "Start reading" }).click();
  return page.locator("code.hash").innerText({ timeout: 100_000 });
}

// The same work in the page itself: nothing else may come of it.
async function withoutWorkers(view) {
  const { page } = view;
  await sample(page, CHAIN);
  assert.equal(await page.locator("article.card").count(), 1);
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByText("What an incremental backup would send").waitFor();
  await page.getByRole("link", { name: "Inspect" }).click();
  const path = disk("small.vhd", 40);
  await choose(page, [path]);
  const here = await hash(page);
  await choose(page, [disk("large.vhd", 65)]);
  await page.locator(".notice").getByText("64 MiB at most can be read; these files have 65 MiB").waitFor();
  const normal = await open(browser);
  await choose(normal.page, [path]);
  assert.equal(here, await hash(normal.page));
  await normal.close();
}

test("where workers are denied, small files are read in the page, and large ones say why not", async () => {
  const view = await open(browser, { before: () => { globalThis.Worker = class { constructor() { throw new Error("denied"); } }; } });
  await withoutWorkers(view);
  await view.close();
});

test("where a worker never gets ready, the same", async () => {
  // What is kept for offline would give it.
  const view = await open(browser, { serviceWorkers: "block" });
  await view.context.route("**/start-worker.js", (route) => route.abort());
  await withoutWorkers(view);
  // The browser's own words about what was taken from it.
  assert.ok(view.said.every((word) => /ERR_FAILED|ServiceWorker/i.test(word)), view.said.join("\n"));
  view.said.length = 0;
  await view.close();
});

test("a browser without WebAssembly is told what is needed", async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => { delete globalThis.WebAssembly; });
  const page = await context.newPage();
  await page.goto(PAGE);
  await page.getByText("A browser of the last two years with WebAssembly is needed").waitFor();
  await context.close();
});

test("a page that fails says what to report, in both languages", async () => {
  const view = await open(browser, {
    before: () => {
      const real = Document.prototype.createElement;
      Document.prototype.createElement = function create(name, ...rest) {
        if (name === "article") throw new Error("no article");
        return real.call(this, name, ...rest);
      };
    },
  });
  await view.page.locator(".samples button").nth(CHAIN).click();
  const alert = view.page.getByRole("alert");
  await alert.getByText("The page has failed · 페이지에 오류가 발생했습니다").waitFor();
  assert.match(await alert.locator("pre").innerText(), /^vhault \d+\.\d+\.\d+: .*panicked|^vhault /);
  assert.match(await alert.innerText(), /Your files are untouched[\s\S]*파일은 읽기만/);
  view.said.length = 0;
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

test("a disk whose file went away is a message when it is read", async () => {
  const view = await open(browser);
  const path = disk("soon-gone.vhd", 40);
  await choose(view.page, [path]);
  rmSync(path);
  await view.page.getByRole("tab", { name: "Content" }).click();
  await view.page.getByRole("button", { name: "Start reading" }).click();
  await view.page.locator(".notice").getByText(/changed, moved or became unreadable/).waitFor();
  await view.close();
});

test("an image that was cut shows which blocks are damaged, and the program refuses it in the same words", async () => {
  const view = await open(browser);
  const { page } = view;
  const TORN = 6;
  await sample(page, TORN);
  const card = page.locator("article.torn");
  await card.getByText("5 of 512 blocks").waitFor();
  assert.match(await card.locator(".legend").innerText(), /damaged\s*5/);
  assert.deepEqual(await card.locator("table").last().locator("tbody td.number").allInnerTexts(), ["12", "130", "131", "378"]);
  await card.locator("canvas").focus();
  await card.getByText("The map as a table").click();
  const rows = await card.locator("details tbody tr").filter({ hasText: "damaged" }).allInnerTexts();
  assert.deepEqual(rows.map((row) => row.split(/\s+/).slice(0, 2).join(" ")), ["12 1", "60 1", "130 2", "378 1"]);
  // The cell at block 12 is drawn as damaged: its colour is on the canvas.
  await page.getByLabel("Language").selectOption("ko");
  await card.getByText("파일 섹터").first().waitFor();
  const red = await card.locator("canvas").evaluate((canvas) => {
    const style = getComputedStyle(canvas).getPropertyValue("--state-damaged").trim();
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(style.slice(at, at + 2), 16));
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] === r && data[at + 1] === g && data[at + 2] === b) count += 1;
    return count;
  });
  assert.ok(red > 4 * 80, `${red} pixels`);
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
