// The page as a person uses it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { PAGE, choose, launch, open, overWide, sample, saved, violations } from "./browser.mjs";
import { complement, sealed, sparse } from "./vhd.mjs";

const SAMPLES = ["fixed", "dynamic", "chain", "orphan", "damaged", "foreign", "torn"];
const [DYNAMIC, CHAIN, ORPHAN, DAMAGED, FOREIGN, TORN] = [1, 2, 3, 4, 5, 6];
// More than a night's window takes where nothing was measured: 50 MB a second.
const terabyte = (folder) => sparse(join(folder, "large.vhd"), 3n << 40n);
let browser;
let folder;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "vhault-page-"));
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

test("a copy that will not end in its window brings the program's advice, and another window takes it away", async () => {
  const view = await open(browser);
  const { page } = view;
  await choose(page, [terabyte(folder)]);
  const copy = page.locator(".copy");
  await copy.getByText("Does not fit the window").waitFor();
  await copy.getByText("fewer than 16 data disks").waitFor();
  await page.getByLabel("Language").selectOption("ko");
  await copy.getByText("16개 미만인지 확인").waitFor();
  await page.getByLabel("언어").selectOption("en");
  await copy.getByLabel("Earlier copies into the vault").selectOption("10 Gbit/s");
  await copy.getByText("Ends in time").waitFor();
  assert.equal(await copy.locator(".notice").count(), 0);
  await copy.getByLabel("Window").selectOption("1 h");
  await copy.getByText("May run out of time").waitFor();
  await view.close();
});

for (const [place, name] of SAMPLES.entries()) {
  test(`sample ${name} is shown`, async () => {
    const view = await open(browser);
    await sample(view.page, place);
    if (place === FOREIGN) {
      await view.page.getByText("Could not be read as a VHD").waitFor();
    } else {
      assert.equal(await view.page.locator("article.card").count(), 1);
    }
    await view.close();
  });
}

test("a language is switched without losing what is shown", async () => {
  const view = await open(browser);
  await sample(view.page, DAMAGED);
  await view.page.getByRole("tab", { name: "Fields" }).click();
  await view.page.getByLabel("Language").selectOption("ko");
  await view.page.getByRole("tab", { name: "필드", selected: true }).waitFor();
  assert.equal(await view.page.locator("html").getAttribute("lang"), "ko");
  assert.match(await view.page.locator(".findings").innerText(), /체크섬/);
  await view.page.reload();
  await view.page.getByRole("heading", { name: "VHD 들여다보기" }).waitFor();
  await view.close();
});

test("all of it works with keys alone", async () => {
  const view = await open(browser);
  const { page } = view;
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("article.card").waitFor();
  await page.getByRole("tab", { name: "Overview" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: "Block map", selected: true }).waitFor();
  const map = page.locator("canvas").first();
  await map.focus();
  const pointed = page.locator(".pointed").first();
  const first = await pointed.innerText();
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await pointed.innerText(), first);
  await page.keyboard.press("+");
  await page.keyboard.press("0");
  await page.keyboard.press("Home");
  assert.equal(await pointed.innerText(), first);
  await page.getByRole("tab", { name: "Block map" }).focus();
  await page.keyboard.press("2");
  await page.getByRole("heading", { name: "What changed between two disks" }).waitFor();
  await view.close();
});

test("two images of a chain are compared and the disk is measured", async () => {
  const view = await open(browser);
  const { page } = view;
  await sample(page, CHAIN);
  await page.getByRole("tab", { name: "Content" }).click();
  await page.getByRole("button", { name: "Start reading" }).click();
  await page.getByText("BLAKE3 of the disk").waitFor();
  assert.match(await page.locator("code.hash").innerText(), /^[0-9a-f]{64}$/);
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByText("What an incremental backup would send").waitFor();
  const json = JSON.parse(await saved(page, page.locator("main > div:not([hidden]) .save button")));
  assert.equal(json.before, "monday.vhd");
  assert.equal(json.after, "wednesday.avhd");
  assert.ok(json.changed_sectors > 0);
  await view.close();
});

test("the page comes back without a network, once it was there", async () => {
  const view = await open(browser);
  const { page, context } = view;
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => (await caches.keys()).length === 1);
  await context.setOffline(true);
  await page.reload();
  await page.locator("header.head").waitFor();
  // The worker was never loaded before: it was kept too.
  await sample(page, CHAIN);
  assert.equal(await page.locator("article.card").count(), 1);
  await view.close();
});

test("the page works without a network once it is there", async () => {
  const view = await open(browser);
  // The worker's script is the page's own and comes from its cache or origin.
  await sample(view.page, DYNAMIC);
  await view.context.setOffline(true);
  await view.page.getByRole("tab", { name: "Fields" }).click();
  await view.page.getByLabel("Language").selectOption("ko");
  await view.page.getByRole("link", { name: "컨트롤" }).click();
  await view.page.getByRole("heading", { name: "컨트롤", level: 1 }).waitFor();
  await view.close();
});

test("the policy stands in header and page, and forbids to send anything", async () => {
  const view = await open(browser);
  const answer = await fetch(PAGE);
  const header = answer.headers.get("content-security-policy");
  const meta = await view.page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.ok(header.startsWith(meta));
  assert.match(meta, /default-src 'none'/);
  assert.doesNotMatch(meta, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*/);
  const outcome = await view.page.evaluate(() => fetch("https://example.invalid/").then(() => "sent", () => "refused"));
  assert.equal(outcome, "refused");
  // That refusal is the one word the console may have.
  assert.ok(view.said.length > 0 && view.said.every((word) => /Content Security Policy|example\.invalid/.test(word)), view.said.join("\n"));
  view.said.length = 0;
  await view.close();
});

test("a file that changes while it is looked at is a message, not a crash", async () => {
  const view = await open(browser);
  const path = join(folder, "changing.vhd");
  writeFileSync(path, Buffer.alloc(64 << 20, 1));
  await choose(view.page, [path]);
  await view.page.getByText("Could not be read as a VHD").waitFor();
  const vhd = join(folder, "shrinking.vhd");
  writeFileSync(vhd, Buffer.concat([Buffer.alloc(64 << 20, 7), sealed(64n << 20n)]));
  await choose(view.page, [vhd]);
  await view.page.locator("article.card").waitFor();
  truncateSync(vhd, 1 << 20);
  await view.page.getByRole("tab", { name: "Content" }).click();
  await view.page.getByRole("button", { name: "Start reading" }).click();
  await view.page.locator('.notice').getByText(/changed, moved or became unreadable|ended before/).waitFor();
  await view.close();
});

test("an empty file and hostile bytes are refused in words", async () => {
  const view = await open(browser);
  const empty = join(folder, "empty.vhd");
  writeFileSync(empty, "");
  await choose(view.page, [empty]);
  await view.page.getByText("the file is empty").waitFor();
  const corpus = process.env.VHAULT_HOSTILE;
  let tried = 0;
  if (corpus && existsSync(corpus)) {
    const files = readdirSync(corpus).map((name) => join(corpus, name)).filter((path) => statSync(path).size < 1 << 20);
    for (const path of files) { await choose(view.page, [path]); tried += 1; }
  } else {
    console.log("NOT TESTED: the fuzz corpus is not there");
  }
  // Bytes that claim to be a dynamic disk and then lie, each in another field.
  for (let lie = 0; lie < 40; lie += 1) {
    const footer = sealed(32n << 20n, (bytes) => { bytes.writeUInt32BE(3, 60); bytes.writeBigUInt64BE(512n, 16); });
    const header = Buffer.alloc(1024);
    header.write("cxsparse"); header.fill(0xff, 8, 16); header.writeBigUInt64BE(1536n, 16);
    header.writeUInt32BE(0x10000, 24); header.writeUInt32BE(16, 28); header.writeUInt32BE(1 << 21, 32);
    const table = Buffer.alloc(512, 0xff);
    [() => header.writeUInt32BE(0xffffffff, 28), () => header.writeUInt32BE(3, 32), () => header.writeUInt32BE(0x80000000, 32),
      () => header.writeBigUInt64BE(0xffffffffffffff00n, 16), () => table.writeUInt32BE(lie, lie % 16 * 4)][lie % 5]();
    header.writeUInt32BE(complement(header, 36), 36);
    const path = join(folder, `lie-${lie}.vhd`);
    writeFileSync(path, Buffer.concat([footer, header, table, Buffer.alloc(lie * 512, lie), footer]));
    await choose(view.page, [path]);
    tried += 1;
  }
  console.log(`${tried} hostile files, each with an answer`);
  await view.close();
});

test("long work is cancelled and the page goes on", async () => {
  const view = await open(browser);
  const path = join(folder, "long.vhd");
  // A gigabyte with a footer, mostly holes on this disk.
  writeFileSync(path, "");
  truncateSync(path, 1 << 30);
  writeFileSync(path, sealed(1n << 30n), { flag: "a" });
  const { page } = view;
  await choose(page, [path]);
  await page.getByRole("tab", { name: "Content" }).click();
  await page.getByRole("button", { name: "Start reading" }).click();
  const cancel = page.getByRole("button", { name: "Cancel" });
  await cancel.waitFor();
  await page.getByLabel("Language").selectOption("ko");
  await page.getByLabel("테마").selectOption("dark");
  await page.getByRole("button", { name: "취소" }).click();
  await page.locator(".toast").getByText("취소했습니다").waitFor();
  await page.getByRole("button", { name: "읽기 시작" }).click();
  const began = Date.now();
  await page.getByText("디스크의 BLAKE3").waitFor({ timeout: 100_000 });
  console.log(`read and hashed 1 GiB in the page in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  await view.close();
});

test("images of other tools give the program's bytes", async (context) => {
  const corpus = process.env.VHAULT_CORPUS;
  const program = process.env.VHAULT_BIN;
  if (!corpus || !existsSync(corpus) || !program) {
    context.skip("NOT TESTED: VHAULT_CORPUS or VHAULT_BIN is not set");
    return;
  }
  const view = await open(browser);
  let equal = 0;
  for (const entry of JSON.parse(readFileSync(join(corpus, "manifest.json"), "utf8"))) {
    const name = entry.file.split("/").pop();
    writeFileSync(join(folder, name), gunzipSync(readFileSync(join(corpus, `${entry.file}.gz`))));
    let told;
    try {
      told = execFileSync(program, ["inspect", "--json", name], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    } catch (error) {
      told = error.stdout ?? "";
    }
    if (!told.startsWith("{")) continue;
    const names = JSON.parse(told).images.map((image) => image.name);
    await choose(view.page, names.map((name) => join(folder, name)).reverse());
    await view.page.locator("article.card").getByRole("heading", { level: 2, name, exact: true }).waitFor();
    const bytes = await saved(view.page, view.page.locator("article.card .save button").first());
    assert.equal(bytes, told, name);
    equal += 1;
  }
  assert.ok(equal > 5, `${equal} images`);
  console.log(`${equal} images of other tools give the same bytes in page and program`);
  await view.close();
});

for (const lang of ["en", "ko"]) {
  for (const theme of ["light", "dark", "contrast"]) {
    test(`axe has nothing to say: ${lang}, ${theme}`, async () => {
      const view = await open(browser, { lang, theme, motion: "reduce" });
      const { page } = view;
      const all = [];
      const look = async (what) => all.push(...(await violations(page)).map((words) => `${what}: ${words}`));
      await look("inspect");
      for (const place of [CHAIN, ORPHAN, DAMAGED, FOREIGN, TORN]) {
        await sample(page, place);
        for (const tab of await page.getByRole("tab").all()) {
          await tab.click();
          await look(`sample ${SAMPLES[place]}`);
        }
        await look(`sample ${SAMPLES[place]}`);
      }
      await sample(page, CHAIN);
      await page.locator("[role=tab]").last().click();
      await page.locator("[role=tabpanel]:not([hidden]) > .primary").click();
      await page.locator("code.hash").waitFor();
      await look("measured");
      await page.goto(PAGE + "#/compare");
      await page.locator("main > div:not([hidden]) .form .primary").click();
      await page.locator("main > div:not([hidden]) article.card").waitFor();
      await look("compare");
      // A window too short for so much: the advice is there.
      await page.goto(PAGE + "#/inspect");
      await choose(page, [terabyte(folder)]);
      await page.locator(".copy .notice").getByText("BKP-13").waitFor();
      await look("advice");
      await page.keyboard.press("Shift+?");
      await look("keys");
      await page.keyboard.press("Escape");
      await page.goto(PAGE + "#/kit");
      await look("kit");
      await page.keyboard.press("Control+k");
      await page.locator(".palette[open]").waitFor();
      await look("palette");
      await page.keyboard.press("Escape");
      for (const place of [0, 1]) {
        await page.locator("section.card").filter({ has: page.locator("#kit-drawer-title") }).locator(".buttons button").nth(place).click();
        await page.locator("dialog[open]").waitFor();
        await look(place ? "drawer" : "dialog");
        await page.keyboard.press("Escape");
      }
      for (const button of await page.locator("section.card:visible").nth(2).locator(".buttons button").all()) await button.click();
      await page.locator(".toast").last().waitFor();
      await look("toasts");
      await page.goto(PAGE + "#/nowhere");
      await look("unknown");
      assert.deepEqual([...new Set(all)], []);
      await view.close();
    });
  }
}

test("a phone's map has cells that a finger hits, and a turned screen fits again", async () => {
  const view = await open(browser, { width: 390 });
  const { page } = view;
  await sample(page, DYNAMIC);
  await page.getByRole("tab", { name: "Block map" }).click();
  const cells = () => page.locator("canvas").evaluate((canvas) => ({ across: canvas.width / 16, pixels: canvas.clientWidth / (canvas.width / 16) }));
  await page.waitForFunction(() => document.querySelector("canvas").width < 64 * 16);
  const narrow = await cells();
  assert.ok(narrow.pixels >= 24 && narrow.across >= 8, JSON.stringify(narrow));
  const pointed = page.locator(".pointed");
  const box = await page.locator("canvas").boundingBox();
  await page.mouse.click(box.x + narrow.pixels * 1.5, box.y + narrow.pixels * 0.5);
  assert.match(await pointed.innerText(), /^Blocks? 2 to 3:|^Block 1:/);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.waitForFunction(() => document.querySelector("canvas").width === 64 * 16);
  await view.close();
});

test("Korean is drawn with glyphs, not with boxes", async () => {
  const view = await open(browser, { lang: "ko" });
  const drawn = await view.page.evaluate(() => {
    const draw = (letter) => {
      const canvas = document.createElement("canvas");
      const context = canvas.getContext("2d");
      context.font = `40px ${getComputedStyle(document.body).fontFamily}`;
      context.fillText(letter, 4, 60);
      return canvas.toDataURL();
    };
    return ["가", "힣", "볼", "백"].map(draw);
  });
  // A font without them draws the same box for each.
  assert.equal(new Set(drawn).size, 4);
  await view.close();
});

test("nothing is wider than the screen, from a phone to a wide one", async () => {
  for (const width of [360, 768, 1600]) {
    for (const lang of ["en", "ko"]) {
      const view = await open(browser, { width, lang });
      await sample(view.page, CHAIN);
      for (const hash of ["#/inspect", "#/compare", "#/kit"]) {
        await view.page.goto(PAGE + hash);
        const over = await overWide(view.page);
        assert.ok(over <= 0, `${hash} at ${width}, ${lang}: ${over} pixels too wide`);
      }
      await view.close();
    }
  }
});
