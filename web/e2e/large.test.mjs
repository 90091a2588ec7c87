// Large files: a file system as a machine would have it, in every kind of
// image, and a disk larger than the memory of this machine.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readSync, openSync, closeSync, rmSync } from "node:fs";
import { totalmem, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, launch, open, renderers, saved } from "./browser.mjs";
import { sparse } from "./vhd.mjs";

const TOP = new URL("../..", import.meta.url).pathname;
const program = process.env.VHAULT_BIN;
let browser;
let folder;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "vhault-page-large-"));
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

const run = (name, ...words) => execFileSync(name, words, { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });

// Bytes in parts of 64 KiB that are all zeroes, counted without the page.
function zeroes(path) {
  const file = openSync(path, "r");
  const part = Buffer.alloc(64 << 10);
  const none = Buffer.alloc(64 << 10);
  let bytes = 0;
  for (let length = readSync(file, part); length > 0; length = readSync(file, part)) {
    if (part.subarray(0, length).equals(none.subarray(0, length))) bytes += length;
  }
  closeSync(file);
  return bytes;
}

async function measured(page) {
  await page.getByRole("tab", { name: "Content" }).click();
  await page.getByRole("button", { name: "Start reading" }).click();
  const hash = await page.locator("code.hash").innerText({ timeout: 300_000 });
  const share = await page.locator(".pairs > div").filter({ hasText: "Zeroes or unallocated" }).locator("dd").innerText();
  return { hash, share };
}

test("an ext4 of 1 GiB is the same disk in every kind of image, and in page and program", async (context) => {
  if (!program) {
    context.skip("NOT TESTED: VHAULT_BIN is not set");
    return;
  }
  const files = join(folder, "files");
  mkdirSync(files);
  for (const name of ["core", "datapath", "docs"]) cpSync(join(TOP, name), join(files, name), { recursive: true });
  cpSync(program, join(files, "program"));
  cpSync(program, join(files, "program-again"));
  run("mke2fs", "-q", "-F", "-t", "ext4", "-d", "files", "monday.raw", "1G");
  run(program, "convert", "--raw", "monday.raw", "--format", "fixed", "--out", "fixed.vhd");
  run(program, "convert", "--raw", "monday.raw", "--format", "dynamic", "--out", "monday.vhd");
  cpSync(join(folder, "monday.raw"), join(folder, "tuesday.raw"));
  run("debugfs", "-w", "-R", "rm program-again", "tuesday.raw");
  run(program, "convert", "--raw", "tuesday.raw", "--format", "differencing", "--parent", "monday.vhd", "--out", "tuesday.vhd");
  cpSync(join(folder, "tuesday.raw"), join(folder, "wednesday.raw"));
  run("debugfs", "-w", "-R", "write files/docs/page.md new-page", "wednesday.raw");
  run(program, "convert", "--raw", "wednesday.raw", "--format", "differencing", "--parent", "tuesday.vhd", "--parent", "monday.vhd", "--out", "wednesday.vhd");

  const found = {};
  for (const [name, chain] of Object.entries({
    "fixed.vhd": ["fixed.vhd"], "monday.vhd": ["monday.vhd"], "wednesday.vhd": ["monday.vhd", "wednesday.vhd", "tuesday.vhd"],
  })) {
    const view = await open(browser);
    const { page } = view;
    await choose(page, chain.map((name) => join(folder, name)));
    const told = run(program, "inspect", "--json", name);
    assert.equal(await saved(page, page.locator("article.card .save button").first()), told, name);
    found[name] = await measured(page);
    if (chain.length > 1) {
      await page.getByRole("link", { name: "Compare" }).click();
      await page.getByRole("button", { name: "Compare" }).click();
      await page.getByText("What an incremental backup would send").waitFor({ timeout: 100_000 });
      const json = await saved(page, page.locator("main > div:not([hidden]) .save button"));
      assert.equal(json, run(program, "diff", "--json", "monday.vhd", "wednesday.vhd"));
      assert.ok(JSON.parse(json).changed_sectors > 8);
    }
    await view.close();
  }
  assert.deepEqual(found["fixed.vhd"], found["monday.vhd"]);
  assert.notEqual(found["wednesday.vhd"].hash, found["monday.vhd"].hash);
  const zero = zeroes(join(folder, "monday.raw"));
  assert.ok(zero > 256 << 20 && zero < 1 << 30, `${zero} bytes of zeroes`);
  assert.ok(found["fixed.vhd"].share.startsWith(`${Math.floor(zero / 2 ** 20 * 10) / 10} MiB`), `${found["fixed.vhd"].share}: ${zero}`);
});

// What the page and its workers may take, whatever the disk: four workers with
// a read, a chunk's twin and what they remember of chunks.
const MEMORY_MIB_MAX = 700;
// So much is read, that what is left behind of a read would show.
const READ_MIB_MIN = 8_192;

test("a disk larger than this machine's memory is looked into, and read, in bounded memory", async () => {
  const bytes = Math.ceil(totalmem() * 1.25 / 2 ** 30) * 2 ** 30;
  const path = join(folder, "larger.vhd");
  sparse(path, BigInt(bytes));
  const view = await open(browser);
  const { page } = view;
  const first = renderers();
  await choose(page, [path]);
  await page.getByRole("tab", { name: "Content" }).click();
  await page.getByRole("button", { name: "Start reading" }).click();
  // Until far more was read than may be held.
  let most = 0;
  const deadline = Date.now() + 600_000;
  for (let done = 0; done < READ_MIB_MIN / (bytes / 2 ** 20);) {
    assert.ok(Date.now() < deadline, `${done} read`);
    await page.waitForTimeout(250);
    most = Math.max(most, renderers());
    done = await page.locator("progress").evaluate((bar) => bar.value / bar.max);
  }
  await page.getByRole("button", { name: "Cancel" }).click();
  console.log(`${bytes / 2 ** 30} GiB: ${most - first} MiB at most for it`);
  assert.ok(most - first < MEMORY_MIB_MAX, `${most - first} MiB`);
  await view.close();
});
